import { formatYaml } from "../../core/yaml.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** Source: apiserver pkg/storage/value/encrypt/secretbox: a key of 32 bytes. */
const KEY_BYTES = 32;

/**
 * The file with the key that Secrets are encrypted with. One that is there is kept, whatever it says: what was written
 * with its key could not be read with another. What was stored in plain text before can still be read.
 */
export const encryptionConfigHandler: StepHandler<"encryption-config"> = {
  observe: async (system, { step }) => ((await system.fs.lstat(step.path)) === undefined ? ABSENT : DONE),
  apply: async (system, { step }) => {
    const secret = system.random.bytes(KEY_BYTES).toString("base64");
    await system.fs.writeAtomic(step.path, {
      data: formatYaml({
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "EncryptionConfiguration",
        resources: [
          {
            resources: ["secrets"],
            providers: [{ secretbox: { keys: [{ name: "key1", secret }] } }, { identity: {} }],
          },
        ],
      }),
      mode: 0o600,
    });
  },
};
