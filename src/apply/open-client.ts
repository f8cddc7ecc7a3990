import { createApiClient } from "../api/create-api-client.ts";
import type { ApiClient } from "../api/types.ts";
import { parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import type { System } from "../system/system.ts";

/** A client that uses a kubeconfig with embedded credentials. The caller closes it. */
export async function openClient(
  system: System,
  options: { readonly kubeconfigPath: string },
): Promise<ApiClient> {
  const text = await system.fs.readText(options.kubeconfigPath);
  const credentials = parseKubeconfig({ text, path: options.kubeconfigPath });
  return createApiClient(system, { credentials });
}
