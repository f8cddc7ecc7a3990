import { join } from "node:path";
import { selectNodeFlags } from "../config/node-flags.ts";
import type { InitConfig } from "../config/types.ts";
import { isLoopback } from "../core/cidr.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { formatYamlStream } from "../core/yaml.ts";
import { kubeconfigPath } from "./phases/kubeconfig.ts";

/**
 * The text of runner.yaml: a KubeletConfiguration with what a kubelet would be told, and a RunnerConfiguration with
 * what a kubelet takes from flags. `componentDir` is where the user's own binaries are, if not in the cache.
 */
export function formatRunnerConfig(options: {
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
  readonly componentDir: string | undefined;
}): string {
  return formatYamlStream([kubeletDocument(options), runnerDocument(options)]);
}

/** The KubeletConfiguration of the user, with what a control plane's node needs where it says nothing. */
function kubeletDocument({
  config,
  paths,
}: {
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
}): unknown {
  const { registerWithTaints } = selectNodeFlags(config.kubeletExtraArgs);
  return {
    address: isLoopback(config.advertiseAddress)
      ? config.advertiseAddress
      : anyAddress(config.advertiseAddress),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(config.cluster.certificatesDir, "ca.crt") },
    },
    authorization: { mode: "Webhook" },
    healthzBindAddress: "127.0.0.1",
    tlsCertFile: paths.servingCertPath,
    tlsPrivateKeyFile: paths.servingKeyPath,
    ...config.kubelet.document,
    ...(registerWithTaints === undefined ? {} : { registerWithTaints }),
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    healthzPort: config.kubelet.healthzPort,
    podLogsDir: paths.podLogsDir,
    port: config.kubelet.port,
    staticPodPath: paths.manifestDir,
  };
}

function runnerDocument(options: {
  readonly config: InitConfig;
  readonly paths: ClusterPaths;
  readonly componentDir: string | undefined;
}): unknown {
  const { config, paths, componentDir } = options;
  const { nodeLabels } = selectNodeFlags(config.kubeletExtraArgs);
  return {
    apiVersion: "slipway.dev/v1",
    kind: "RunnerConfiguration",
    kubeconfig: kubeconfigPath(paths, "kubelet"),
    kubernetesVersion: config.cluster.kubernetesVersion,
    nodeIP: config.advertiseAddress,
    nodeName: config.nodeName,
    ...(Object.keys(nodeLabels).length === 0 ? {} : { nodeLabels }),
    ...(componentDir === undefined ? {} : { componentDir }),
  };
}

function anyAddress(address: string): string {
  return address.includes(":") ? "::" : "0.0.0.0";
}
