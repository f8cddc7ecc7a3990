import type { ClusterSettings } from "../config/types.ts";
import type { ControlPlaneComponent } from "../core/constants.ts";
import { selectMinorVersion } from "../core/kubernetes-versions.ts";

/** The image of a component. Source: kubeadm app/images GetKubernetesImage, GetEtcdImage. */
export function selectImage(cluster: ClusterSettings, component: ControlPlaneComponent): string {
  if (component !== "etcd") {
    return `${cluster.imageRepository}/${component}:${cluster.kubernetesVersion.replaceAll("+", "_")}`;
  }
  const tag = cluster.etcd.imageTag ?? selectMinorVersion(cluster.kubernetesVersion)?.etcdImageTag;
  if (tag === undefined) throw new Error(`no etcd is known for ${cluster.kubernetesVersion}`);
  return `${cluster.etcd.imageRepository ?? cluster.imageRepository}/etcd:${tag}`;
}
