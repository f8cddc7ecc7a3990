import { DEFAULTS } from "../config/defaults.ts";
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

/** The image of CoreDNS; the official registry keeps it one level deeper. Source: kubeadm app/images GetDNSImage. */
export function selectDnsImage(cluster: ClusterSettings): string {
  const repository = cluster.dns.imageRepository ?? cluster.imageRepository;
  const tag = cluster.dns.imageTag ?? selectMinorVersion(cluster.kubernetesVersion)?.coreDnsImageTag;
  if (tag === undefined) throw new Error(`no CoreDNS is known for ${cluster.kubernetesVersion}`);
  return `${repository}${repository === DEFAULTS.imageRepository ? "/coredns" : ""}/coredns:${tag}`;
}

/** The image of kube-proxy. Source: kubeadm app/images GetKubernetesImage. */
export function selectKubeProxyImage(cluster: ClusterSettings): string {
  return `${cluster.imageRepository}/kube-proxy:${cluster.kubernetesVersion.replaceAll("+", "_")}`;
}

/**
 * Every image of a cluster, in the order in which kubeadm lists them. Source: kubeadm app/images
 * GetControlPlaneImages.
 */
export function listImages(cluster: ClusterSettings): readonly string[] {
  const pauseTag = selectMinorVersion(cluster.kubernetesVersion)?.pauseImageTag;
  return [
    selectImage(cluster, "kube-apiserver"),
    selectImage(cluster, "kube-controller-manager"),
    selectImage(cluster, "kube-scheduler"),
    ...(cluster.proxy.disabled ? [] : [selectKubeProxyImage(cluster)]),
    ...(cluster.dns.disabled ? [] : [selectDnsImage(cluster)]),
    `${cluster.imageRepository}/pause:${pauseTag}`,
    ...(cluster.externalEtcd === undefined ? [selectImage(cluster, "etcd")] : []),
  ];
}
