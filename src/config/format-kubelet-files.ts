import { formatYaml } from "../core/yaml.ts";
import { buildKubeletDocument } from "./component-defaults.ts";
import { COMPONENT_TREES, type ComponentFields, completeDocument } from "./component-document.ts";
import type { InitConfig } from "./types.ts";

/** The KubeletConfiguration of the cluster, with this directory of manifests unless the user's own names another. */
export function buildClusterKubelet(
  config: InitConfig,
  options: { readonly staticPodPath: string },
): ComponentFields {
  const own = config.kubelet.document?.["staticPodPath"];
  return { ...buildKubeletDocument(config), staticPodPath: own || options.staticPodPath };
}

/**
 * What a kubelet of this machine is started with, by the names under /var/lib/kubelet.
 * Source: kubeadm phases/kubelet/config.go, flags.go buildKubeletArgs.
 */
export function formatKubeletFiles(
  config: InitConfig,
  options: {
    readonly staticPodPath: string;
    readonly hostName: string;
    /** The user's patches of the KubeletConfiguration. */
    readonly patch: (document: ComponentFields) => ComponentFields;
  },
): readonly { readonly name: string; readonly text: string }[] {
  const { criSocket } = config;
  const { apiVersion, kind, ...patched } = options.patch(buildClusterKubelet(config, options));
  const fields = completeDocument(COMPONENT_TREES.KubeletConfiguration, patched);
  const document = { apiVersion, kind, ...fields, containerRuntimeEndpoint: criSocket };
  return [
    { name: "config.yaml", text: formatYaml(document) },
    { name: "instance-config.yaml", text: `containerRuntimeEndpoint: ${JSON.stringify(criSocket)}\n` },
    {
      name: "kubeadm-flags.env",
      text: `KUBELET_KUBEADM_ARGS=${JSON.stringify(listFlags(config, options))}\n`,
    },
  ];
}

/** Sorted; a user's flag takes the place of ours. Source: kubeadm util/arguments.go ArgumentsToCommand. */
function listFlags(config: InitConfig, { hostName }: { readonly hostName: string }): string {
  const isOwnName = config.nodeName === hostName.trim().toLowerCase();
  const ours = isOwnName ? [] : [{ name: "hostname-override", value: config.nodeName }];
  const user = config.kubeletExtraArgs;
  return [...ours.filter(({ name }) => !user.some((arg) => arg.name === name)), ...user]
    .toSorted((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)))
    .map(({ name, value }) => `--${name}=${value}`)
    .join(" ");
}
