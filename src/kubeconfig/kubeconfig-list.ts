import type { InitConfig } from "../config/types.ts";
import { formatHostPort, parseHostPort } from "../core/host-port.ts";
import { buildLeafSpec } from "../pki/certificate-spec.ts";
import type { KubeconfigName, KubeconfigSpec } from "./types.ts";

/**
 * The files of a control plane node, in the order of KUBECONFIG_NAMES. The administrators' go through the control
 * plane endpoint; the node's and the components' to this machine's own API server.
 * Source: kubeadm app/phases/kubeconfig getKubeConfigSpecsBase; app/cmd/phases/init runKubeConfigFile (kubelet.conf).
 */
export function buildKubeconfigs(config: InitConfig): readonly KubeconfigSpec[] {
  const { cluster } = config;
  const local = localServer(config);
  const shared = adminServer(config);
  const build = (
    name: KubeconfigName,
    user: { readonly server: string; readonly userName: string; readonly groups?: readonly string[] },
  ): KubeconfigSpec => ({
    name,
    server: user.server,
    clusterName: cluster.clusterName,
    userName: user.userName,
    certificate: buildLeafSpec({
      cluster,
      subject: { commonName: user.userName, organizations: user.groups ?? [] },
      usages: ["clientAuth"],
    }),
  });
  return [
    build("admin", { server: shared, userName: "kubernetes-admin", groups: ["kubeadm:cluster-admins"] }),
    build("super-admin", { server: shared, userName: "kubernetes-super-admin", groups: ["system:masters"] }),
    build("kubelet", { server: local, userName: `system:node:${config.nodeName}`, groups: ["system:nodes"] }),
    build("controller-manager", { server: local, userName: "system:kube-controller-manager" }),
    build("scheduler", { server: local, userName: "system:kube-scheduler" }),
  ];
}

/** Where administrators and joining nodes reach the cluster: through its endpoint when it has one. */
export function adminServer(config: InitConfig): string {
  return controlPlaneServer(config) ?? localServer(config);
}

function localServer({ advertiseAddress, bindPort }: InitConfig): string {
  return `https://${formatHostPort(advertiseAddress, bindPort)}`;
}

/**
 * Undefined when none is configured. Its port is the API server's unless it names one. Source: kubeadm app/util
 * GetControlPlaneEndpoint.
 */
function controlPlaneServer(config: InitConfig): string | undefined {
  const { controlPlaneEndpoint } = config.cluster;
  if (controlPlaneEndpoint === "") return undefined;
  const parts = parseHostPort(controlPlaneEndpoint);
  if (parts === undefined) throw new Error(`unchecked control plane endpoint: ${controlPlaneEndpoint}`);
  return `https://${formatHostPort(parts.host, parts.port ?? config.bindPort)}`;
}
