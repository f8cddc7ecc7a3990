import { createApiClient } from "../api/create-api-client.ts";
import type { ApiClient } from "../api/types.ts";
import { parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import type { System } from "../system/system.ts";

/** Clients that the steps of a plan share, so that a dozen of them make two or three connections. */
export interface ApiClients {
  /** The client that uses a kubeconfig with embedded credentials; opened when it is first asked for. */
  get(kubeconfigPath: string): Promise<ApiClient>;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** No client yet. `get` raises what reading and parsing a kubeconfig raise. */
export function openApiClients(system: System): ApiClients {
  const clients = new Map<string, Promise<ApiClient>>();
  const open = async (path: string): Promise<ApiClient> => {
    const credentials = parseKubeconfig({ text: await system.fs.readText(path), path });
    return createApiClient(system, { credentials });
  };
  return {
    get: (path) => {
      const client = clients.get(path) ?? open(path);
      clients.set(path, client);
      return client;
    },
    close: async () => {
      for (const result of await Promise.allSettled(clients.values()))
        if (result.status === "fulfilled") result.value.close();
    },
  };
}
