import { readField } from "../../api/read-field.ts";
import { parseInitConfig } from "../../config/parse-init-config.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import { underRoot } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import { withCluster } from "../open-cluster.ts";
import { readConfig } from "../read-config.ts";

/** An API server that is up answers at once; one that is not must not hold up work on files. */
const TIMEOUT_MS = 3000;

/**
 * The cluster's settings: of the file that is named, else as they are stored in the cluster, else the defaults.
 * `note` says where they come from when that is not what one would expect.
 */
export async function readClusterSettings(
  system: System,
  options: {
    readonly root: string;
    readonly configPath: string | undefined;
    readonly kubeconfigPath: string | undefined;
    readonly certDir: string | undefined;
  },
): Promise<{ readonly cluster: ClusterSettings; readonly note: string | undefined }> {
  const { root, configPath, certDir } = options;
  const chosen = (cluster: ClusterSettings): ClusterSettings =>
    certDir === undefined ? cluster : { ...cluster, certificatesDir: certDir };
  const rooted = ({ cluster }: { readonly cluster: ClusterSettings }): ClusterSettings =>
    chosen({ ...cluster, certificatesDir: underRoot(root, cluster.certificatesDir) });
  if (configPath !== undefined) {
    const text = await readConfig(system, configPath);
    return { cluster: rooted(parseInitConfig({ text, path: configPath }).config), note: undefined };
  }
  try {
    const text = await readStored(system, options);
    return {
      cluster: chosen(parseInitConfig({ text, path: "kubeadm-config" }).config.cluster),
      note: undefined,
    };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const note = `the cluster's own configuration cannot be read (${error.why}); going on with the defaults`;
    return { cluster: rooted(parseInitConfig({ text: undefined }).config), note };
  }
}

/** The paths in what is stored are under the root already. */
function readStored(
  system: System,
  options: { readonly root: string; readonly kubeconfigPath: string | undefined },
): Promise<string> {
  return withCluster(system, {
    ...options,
    work: async ({ client }) => {
      const path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
      const response = await client.request({ method: "GET", path, timeoutMs: TIMEOUT_MS });
      const text = readField(response.body, "data", "ClusterConfiguration");
      if (typeof text === "string") return text;
      throw new SlipwayError({
        code: "SLIPWAY_API_REQUEST",
        what: "the cluster's configuration cannot be read",
        why: "there is no ConfigMap kubeadm-config",
        fix: "slipway init phase upload-config kubeadm",
      });
    },
  });
}
