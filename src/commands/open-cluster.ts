import { createApiClient } from "../api/create-api-client.ts";
import type { ApiClient } from "../api/types.ts";
import { describeFileError, SlipwayError, systemErrorCode } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import { listKubeconfigFiles, parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import type { KubeconfigCredentials } from "../kubeconfig/types.ts";
import type { System } from "../system/system.ts";

/** A cluster, and who asks it. */
export interface OpenCluster {
  readonly client: ApiClient;
  readonly credentials: KubeconfigCredentials;
}

/**
 * Where the credentials of a command are: what the flag names, else KUBECONFIG when no root was named, else the
 * root's admin.conf. Source: kubeadm cmd/util GetKubeConfigPath.
 */
function chooseKubeconfig(
  system: Pick<System, "host">,
  options: { readonly root: string; readonly kubeconfigPath: string | undefined },
): string {
  const { root, kubeconfigPath } = options;
  const fromShell = root === "/" ? system.host.env["KUBECONFIG"]?.split(":")[0] : undefined;
  const { kubernetesDir } = buildPaths({ root, uid: system.host.uid });
  return kubeconfigPath ?? (fromShell || `${kubernetesDir}/admin.conf`);
}

/**
 * Does `work` with the API of the cluster that a kubeconfig names. Raises SLIPWAY_FILE_ACCESS and
 * SLIPWAY_KUBECONFIG_INVALID, and SLIPWAY_API_REQUEST in what the client does.
 */
export async function withCluster<T>(
  system: System,
  options: {
    readonly root: string;
    readonly kubeconfigPath: string | undefined;
    readonly work: (cluster: OpenCluster) => Promise<T>;
  },
): Promise<T> {
  const credentials = await readCredentials(system, chooseKubeconfig(system, options));
  const client = createApiClient(system, { credentials });
  try {
    return await options.work({ client, credentials });
  } finally {
    client.close();
  }
}

/** The current context's server and credentials, embedded or in files of their own. */
export async function readCredentials(system: System, path: string): Promise<KubeconfigCredentials> {
  const text = await readFile(system, path);
  const files = new Map<string, string>();
  for (const file of listKubeconfigFiles({ text, path })) files.set(file, await readFile(system, file));
  return parseKubeconfig({ text, path, files });
}

async function readFile(system: System, path: string): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw describeFileError(error, { action: "read", path });
    throw new SlipwayError({
      code: "SLIPWAY_FILE_ACCESS",
      what: `cannot read ${path}`,
      why: "it does not exist",
      fix: "name the administrator's kubeconfig with --kubeconfig, or the control plane's root with --root",
      cause: error,
    });
  }
}
