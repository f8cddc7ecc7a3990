import { createApiClient } from "../api/create-api-client.ts";
import type { ApiClient } from "../api/types.ts";
import { parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import type { System } from "../system/system.ts";

/** Does `work` with a client that uses a kubeconfig with embedded credentials, and ends its connections. */
export async function withClient<T>(
  system: System,
  options: { readonly kubeconfigPath: string; readonly work: (client: ApiClient) => Promise<T> },
): Promise<T> {
  const text = await system.fs.readText(options.kubeconfigPath);
  const credentials = parseKubeconfig({ text, path: options.kubeconfigPath });
  const client = createApiClient(system, { credentials });
  try {
    return await options.work(client);
  } finally {
    client.close();
  }
}
