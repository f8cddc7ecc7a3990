import { checkServiceAccountKeys } from "../../pki/check-certificate.ts";
import { issueServiceAccountKeys } from "../../pki/issue.ts";
import { readIfThere } from "../../system/read-if-there.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/**
 * The key pair that signs ServiceAccount tokens. An existing pair is kept when both halves fit. A public key of ours
 * alone is what an init leaves that was killed between the two.
 */
export const serviceAccountKeysHandler: StepHandler<"service-account-keys"> = {
  observe: async (system, { step, context }) => {
    const privatePem = await readIfThere(system, step.keyPath);
    const publicPem = await readIfThere(system, step.pubPath);
    if (privatePem === undefined && (publicPem === undefined || context.isOurs(step.pubPath))) return ABSENT;
    checkServiceAccountKeys({ privatePem, publicPem, keyPath: step.keyPath, pubPath: step.pubPath });
    return DONE;
  },
  apply: async (system, { step }) => {
    const keys = await issueServiceAccountKeys({ algorithm: step.algorithm });
    await system.fs.writeAtomic(step.pubPath, { data: keys.publicPem, mode: 0o600 });
    await system.fs.writeAtomic(step.keyPath, { data: keys.privatePem, mode: 0o600 });
  },
};
