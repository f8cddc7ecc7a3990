import type { HostPathMount, InitConfig } from "../../config/types.ts";
import { selectMinorVersion } from "../../core/kubernetes-versions.ts";
import { underRoot } from "../../core/paths.ts";
import { componentEndpoints } from "../component-ports.ts";
import { findArg, mergeFlags } from "../flags.ts";
import { selectImage } from "../images.ts";
import {
  buildProbe,
  buildVolumes,
  type ComponentView,
  mergeEnv,
  mountCertificates,
  mountInPlace,
  type ViewOptions,
} from "./component-view.ts";

/** What kube-controller-manager's template fills in. Source: kubeadm phases/controlplane/manifests.go GetStaticPodSpecs. */
export function buildControllerManagerView(config: InitConfig, options: ViewOptions): ComponentView {
  const { controllerManager } = config.cluster;
  const kubeconfig = underRoot(config.root, "/etc/kubernetes/controller-manager.conf");
  return {
    flags: mergeFlags(
      { ...buildOwnFlags(config, { kubeconfig }), ...buildNetworkFlags(config) },
      controllerManager.extraArgs,
    ),
    env: mergeEnv([...options.proxyEnv, ...controllerManager.extraEnvs]),
    image: selectImage(config.cluster, "kube-controller-manager"),
    probe: buildProbe(config, componentEndpoints(config)["kube-controller-manager"]),
    ...buildVolumes([
      ...mountCertificates(config, options),
      mountInPlace({ name: "kubeconfig", path: kubeconfig, pathType: "FileOrCreate", readOnly: true }),
      ...mountFlexVolumes(config),
      ...controllerManager.extraVolumes,
    ]),
  };
}

/** Source: kubeadm phases/controlplane/manifests.go getControllerManagerCommand. */
function buildOwnFlags(
  config: InitConfig,
  paths: { readonly kubeconfig: string },
): Readonly<Record<string, string>> {
  const { certificatesDir: dir, clusterName } = config.cluster;
  const signs = !config.externalAuthorities.includes("ca");
  return {
    "authentication-kubeconfig": paths.kubeconfig,
    "authorization-kubeconfig": paths.kubeconfig,
    "bind-address": "127.0.0.1",
    "client-ca-file": `${dir}/ca.crt`,
    "cluster-name": clusterName,
    "cluster-signing-cert-file": signs ? `${dir}/ca.crt` : "",
    "cluster-signing-key-file": signs ? `${dir}/ca.key` : "",
    controllers: "*,bootstrapsigner,tokencleaner",
    kubeconfig: paths.kubeconfig,
    "leader-elect": "true",
    "requestheader-client-ca-file": `${dir}/front-proxy-ca.crt`,
    "root-ca-file": `${dir}/ca.crt`,
    "service-account-private-key-file": `${dir}/sa.key`,
    "use-service-account-credentials": "true",
  };
}

/** Nodes get their share of the pod network when there is one. */
function buildNetworkFlags(config: InitConfig): Readonly<Record<string, string>> {
  const { podSubnet, serviceSubnet } = config.cluster;
  if (podSubnet === "") return {};
  return {
    "allocate-node-cidrs": "true",
    "cluster-cidr": podSubnet,
    "service-cluster-ip-range": serviceSubnet,
  };
}

/**
 * The last minor whose kubeadm mounts a directory for FlexVolume drivers. Source: kubeadm v1.35.4
 * phases/controlplane/volumes.go.
 */
const LAST_FLEX_VOLUME_MINOR = 35;
const FLEX_VOLUME_DIR = "/usr/libexec/kubernetes/kubelet-plugins/volume/exec";

function mountFlexVolumes(config: InitConfig): readonly HostPathMount[] {
  const minor = selectMinorVersion(config.cluster.kubernetesVersion)?.minor ?? 0;
  if (minor > LAST_FLEX_VOLUME_MINOR) return [];
  const dir =
    findArg(config.cluster.controllerManager.extraArgs, "flex-volume-plugin-dir") ?? FLEX_VOLUME_DIR;
  return [
    mountInPlace({ name: "flexvolume-dir", path: dir, pathType: "DirectoryOrCreate", readOnly: false }),
  ];
}
