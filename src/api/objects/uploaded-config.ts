import { createHash } from "node:crypto";
import { buildClusterDocument } from "../../config/config-documents.ts";
import { buildClusterKubelet } from "../../config/format-kubelet-files.ts";
import type { InitConfig } from "../../config/types.ts";
import { formatYaml } from "../../core/yaml.ts";
import type { KubeObject } from "../types.ts";
import { BOOTSTRAP_TOKEN_GROUP, buildReaders, NODES_GROUP } from "./rbac.ts";

const NAMESPACE = "kube-system";
const JOINING = { kind: "Group", name: BOOTSTRAP_TOKEN_GROUP } as const;
const NODES = { kind: "Group", name: NODES_GROUP } as const;

/** The cluster's configuration, and who may read it. Source: kubeadm phases/uploadconfig. */
export function buildKubeadmConfig(config: InitConfig): readonly KubeObject[] {
  const text = formatYaml(buildClusterDocument(config));
  return [
    buildConfigMap("kubeadm-config", { ClusterConfiguration: text }),
    ...buildReaders("kubeadm:nodes-kubeadm-config", {
      namespace: NAMESPACE,
      resource: "configmaps",
      object: "kubeadm-config",
      subjects: [JOINING, NODES],
    }),
  ];
}

/**
 * The kubelets' configuration, and who may read it. The hash says that it is kubeadm's own choice, so that an upgrade
 * may change it. Source: kubeadm phases/kubelet CreateConfigMap; componentconfigs/checksums.go.
 */
export function buildKubeletConfig(
  config: InitConfig,
  options: { readonly staticPodPath: string },
): readonly KubeObject[] {
  const data = { kubelet: formatYaml(buildClusterKubelet(config, options)) };
  const map = buildConfigMap("kubelet-config", data);
  return [
    config.kubelet.document === undefined ? signConfigMap(map, data) : map,
    ...buildReaders("kubeadm:kubelet-config", {
      namespace: NAMESPACE,
      resource: "configmaps",
      object: "kubelet-config",
      subjects: [NODES, JOINING],
    }),
  ];
}

/** A ConfigMap with the mark of a component configuration that no user has written. */
export function signConfigMap(map: KubeObject, data: Readonly<Record<string, string>>): KubeObject {
  const hash = createHash("sha256");
  for (const key of Object.keys(data).sort()) hash.update(data[key] ?? "");
  const annotations = { "kubeadm.kubernetes.io/component-config.hash": `sha256:${hash.digest("hex")}` };
  return { ...map, metadata: { ...map.metadata, annotations } };
}

function buildConfigMap(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: NAMESPACE }, data };
}
