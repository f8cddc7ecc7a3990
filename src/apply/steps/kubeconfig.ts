import { SlipwayError } from "../../core/errors.ts";
import { checkKubeconfig } from "../../kubeconfig/check-kubeconfig.ts";
import { formatKubeconfig } from "../../kubeconfig/format-kubeconfig.ts";
import { issueCertificate } from "../../pki/issue.ts";
import { readIfThere } from "../../system/read-if-there.ts";
import { readSigner } from "../read-signer.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";
import { describeMissing } from "./certificate.ts";

/**
 * A kubeconfig with a client certificate of its own. One that fits is kept; one that does not is refused with the
 * reason, or written anew when an earlier init made it for other input.
 */
export const kubeconfigHandler: StepHandler<"kubeconfig"> = {
  observe: async (system, { step, context }) => {
    const text = await readIfThere(system, step.path);
    if (text === undefined && step.external) throw describeMissing(step.path, step.caCertPath);
    if (text === undefined) return ABSENT;
    const caPem = await readIfThere(system, step.caCertPath);
    try {
      checkKubeconfig({ text, path: step.path, spec: step.spec, caPem, nowMs: system.clock.nowMs() });
      return DONE;
    } catch (error) {
      if (!(error instanceof SlipwayError) || !context.isOurs(step.path) || step.external) throw error;
      return { kind: "differs", what: `${step.path} is written anew: ${error.why}` };
    }
  },
  apply: async (system, { step }) => {
    const signer = await readSigner(system, { certPath: step.caCertPath, keyPath: step.caKeyPath });
    const keyPair = await issueCertificate({
      spec: step.spec.certificate,
      signer,
      nowMs: system.clock.nowMs(),
      notBefore: "ca",
    });
    const text = formatKubeconfig({ spec: step.spec, caPem: signer.certPem, keyPair });
    await system.fs.writeAtomic(step.path, { data: text, mode: 0o600 });
  },
};
