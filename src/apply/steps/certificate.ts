import { SlipwayError } from "../../core/errors.ts";
import { checkCertificate } from "../../pki/check-certificate.ts";
import { issueCertificate } from "../../pki/issue.ts";
import type { KeyPair } from "../../pki/types.ts";
import type { System } from "../../system/system.ts";
import { ABSENT, DONE, type StepHandler, type StepOf } from "../step-handler.ts";

type CertificateStep = StepOf<"certificate">;

/**
 * A certificate with its key. Valid ones are kept; wrong ones are refused with the reason (SLIPWAY_CERT_*), except
 * leaves that an earlier init made for other input: those are signed anew.
 */
export const certificateHandler: StepHandler<"certificate"> = {
  observe: async (system, { step, context }) => {
    const certPem = await system.fs.readTextIfExists(step.certPath);
    const keyPem = await system.fs.readTextIfExists(step.keyPath);
    const ours = context.isOurs(step.certPath);
    if (certPem === undefined && (keyPem === undefined || ours)) return ABSENT;
    const caPem =
      step.signer === undefined ? undefined : await system.fs.readTextIfExists(step.signer.certPath);
    try {
      checkCertificate({ ...step, certPem, keyPem, caPem, nowMs: system.clock.nowMs() });
      return DONE;
    } catch (error) {
      if (!(error instanceof SlipwayError) || !ours || step.signer === undefined) throw error;
      return { kind: "differs", what: `${step.certPath} is signed anew: ${error.why}` };
    }
  },
  apply: async (system, { step }) => {
    const signer = step.signer === undefined ? undefined : await readSigner(system, step.signer);
    const pair = await issueCertificate({
      spec: step.spec,
      nowMs: system.clock.nowMs(),
      ...(signer === undefined ? {} : { signer }),
    });
    await system.fs.writeAtomic(step.keyPath, { data: pair.keyPem, mode: 0o600 });
    await system.fs.writeAtomic(step.certPath, { data: pair.certPem, mode: 0o644 });
  },
};

/** A CA's certificate and key. */
export async function readSigner(
  system: System,
  signer: NonNullable<CertificateStep["signer"]>,
): Promise<KeyPair> {
  const [certPem, keyPem] = await Promise.all([
    system.fs.readText(signer.certPath),
    system.fs.readText(signer.keyPath),
  ]);
  return { certPem, keyPem };
}
