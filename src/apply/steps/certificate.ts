import { SlipwayError } from "../../core/errors.ts";
import { checkCertificate } from "../../pki/check-certificate.ts";
import { issueCertificate } from "../../pki/issue.ts";
import { readIfThere } from "../../system/read-if-there.ts";
import { readSigner } from "../read-signer.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";
import { writePair } from "../write-pair.ts";

/**
 * A certificate with its key. Valid ones are kept; wrong ones are refused with the reason (SLIPWAY_CERT_*), except
 * leaves that an earlier init made for other input: those are signed anew.
 */
export const certificateHandler: StepHandler<"certificate"> = {
  observe: async (system, { step, context }) => {
    const certPem = await readIfThere(system, step.certPath);
    const keyPem = await readIfThere(system, step.keyPath);
    const ours = context.isOurs(step.certPath);
    if (certPem === undefined && step.external) throw describeMissing(step.certPath, step.signer?.certPath);
    if (certPem === undefined && (keyPem === undefined || ours)) return ABSENT;
    const caPem = step.signer === undefined ? undefined : await readIfThere(system, step.signer.certPath);
    try {
      const keyless = step.external && step.signer === undefined;
      checkCertificate({ ...step, certPem, keyPem, caPem, keyless, nowMs: system.clock.nowMs() });
      return DONE;
    } catch (error) {
      if (!(error instanceof SlipwayError) || !ours || step.signer === undefined || step.external)
        throw error;
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
    await writePair(system, { ...step, pair });
  },
};

/** SLIPWAY_EXTERNAL_CA: a file that only the owner of a CA's key can make. */
export function describeMissing(path: string, caCertPath = path): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_EXTERNAL_CA",
    what: `${path} is missing, and it cannot be made here`,
    why: `the key of the CA ${caCertPath} is not on this machine, so others must sign for it`,
    fix: "put the CA's key back beside it, or make keys and requests for its owner: slipway certs generate-csr",
  });
}
