import { buildKubeadmConfig, buildKubeletConfig } from "../../api/objects/uploaded-config.ts";
import type { InitConfig } from "../../config/types.ts";
import { adminRightsSteps, objectSteps } from "../api-steps.ts";
import type { Phase } from "../phase.ts";
import { selectLeaves } from "../select-phases.ts";
import { addonPhase } from "./addon.ts";

const NAME = "upload-config";

/** The configuration of the cluster and of its kubelets, for nodes that join and for upgrades. */
export const uploadConfigPhase: Phase = {
  name: NAME,
  short: "Configuration that joining nodes read",
  aliases: ["uploadconfig"],
  afterStart: true,
  phases: [
    {
      name: "kubeadm",
      short: "The ClusterConfiguration, as ConfigMap kubeadm-config",
      plan: (input) => [
        ...adminRightsSteps(input, NAME),
        ...objectSteps(input, { phase: NAME, objects: buildKubeadmConfig(withSkippedAddons(input.config)) }),
      ],
    },
    {
      name: "kubelet",
      short: "The KubeletConfiguration, as ConfigMap kubelet-config",
      plan: (input) => [
        ...adminRightsSteps(input, NAME),
        ...objectSteps(input, {
          phase: NAME,
          objects: buildKubeletConfig(input.config, { staticPodPath: input.paths.manifestDir }),
        }),
      ],
    },
  ],
};

/** An add-on whose phase is skipped is stored as disabled. Source: kubeadm cmd/init.go. */
function withSkippedAddons(config: InitConfig): InitConfig {
  const names = config.skipPhases.filter((name) => name.startsWith("addon"));
  const skipped = selectLeaves([addonPhase], names).map(({ path }) => path);
  const { dns, proxy } = config.cluster;
  return {
    ...config,
    cluster: {
      ...config.cluster,
      dns: { ...dns, disabled: dns.disabled || skipped.includes("addon/coredns") },
      proxy: { disabled: proxy.disabled || skipped.includes("addon/kube-proxy") },
    },
  };
}
