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
