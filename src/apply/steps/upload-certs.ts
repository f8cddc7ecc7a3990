import { applyObject, objectPath } from "../../api/apply-object.ts";
import { createRefusal, isSuccess } from "../../api/describe-response.ts";
import { buildTokenSecret, generateToken } from "../../api/objects/bootstrap-token.ts";
import { buildCertsSecret, CERTS_TOKEN, encryptFile } from "../../api/objects/uploaded-certs.ts";
import { readField } from "../../api/read-field.ts";
import type { ApiClient, KubeObject } from "../../api/types.ts";
import { describeFileError } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { ABSENT, type StepHandler, type StepOf } from "../step-handler.ts";

/**
 * The Secret that joining control planes take the shared certificates from, encrypted with the context's key. It ends
 * with a token of its own. Source: kubeadm phases/copycerts.
 */
export const uploadCertsHandler: StepHandler<"upload-certs"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const files = await encryptFiles(system, { files: step.files, key: context.secrets.certificateKey });
    const client = await context.apiClient(step.kubeconfigPath);
    const { timeoutMs } = step;
    const apply = (object: KubeObject): Promise<unknown> =>
      applyObject(system, { client, object, timeoutMs, signal: context.signal });
    const token = buildTokenSecret(generateToken(system.random), {
      settings: CERTS_TOKEN,
      nowMs: system.clock.nowMs(),
    });
    await apply(token);
    const uid = await readUid(client, token);
    await apply(buildCertsSecret(files, { name: token.metadata.name, uid }));
    return undefined;
  },
};

/** A file that is not there, such as the key of a CA that is kept elsewhere, is undefined. */
async function encryptFiles(
  system: System,
  options: { readonly files: StepOf<"upload-certs">["files"]; readonly key: string },
): Promise<Readonly<Record<string, Buffer | undefined>>> {
  const entries = await Promise.all(
    options.files.map(async ({ name, path }) => {
      try {
        const text = await system.fs.readTextIfExists(path);
        const content = text && encryptFile(text, { key: options.key, random: system.random });
        return [name, content || undefined] as const;
      } catch (error) {
        throw describeFileError(error, { action: "read", path });
      }
    }),
  );
  return Object.fromEntries(entries);
}

async function readUid(client: ApiClient, object: KubeObject): Promise<string> {
  const response = await client.request({ method: "GET", path: objectPath(object) });
  const uid = readField(response.body, "metadata", "uid");
  if (!isSuccess(response) || typeof uid !== "string")
    throw createRefusal("read the upload's token", response);
  return uid;
}
