import type { InitConfig } from "../config/types.ts";
import { selectMinorVersion } from "../core/kubernetes-versions.ts";
import { buildCaSpec, buildLeafSpec } from "./certificate-spec.ts";
import { buildApiServerNames, buildEtcdNames } from "./subject-alt-names.ts";
import type { CertificateSpec, ClusterCertificate } from "./types.ts";

/**
 * What kubeadm puts under the certificates directory, in the order of CERTIFICATE_NAMES; nothing of etcd's when others
 * run it.
 * Source: kubeadm app/phases/certs GetDefaultCertList.
 */
export function buildClusterCertificates(config: InitConfig): readonly ClusterCertificate[] {
  const { cluster, nodeName } = config;
  const authority = (commonName: string): CertificateSpec => buildCaSpec({ cluster, commonName });
  const client = (commonName: string, organizations: readonly string[] = []): CertificateSpec =>
    buildLeafSpec({ cluster, subject: { commonName, organizations }, usages: ["clientAuth"] });
  const etcd = (extraNames: readonly string[]): CertificateSpec =>
    buildLeafSpec({
      cluster,
      subject: { commonName: nodeName, organizations: [] },
      usages: ["serverAuth", "clientAuth"],
      names: buildEtcdNames(config, extraNames),
    });
  const apiServer = buildLeafSpec({
    cluster,
    subject: { commonName: "kube-apiserver", organizations: [] },
    usages: ["serverAuth"],
    names: buildApiServerNames(config),
  });
  const kubeletClient = client("kube-apiserver-kubelet-client", kubeletClientGroups(config));
  const all: readonly ClusterCertificate[] = [
    { name: "ca", signer: undefined, spec: authority("kubernetes") },
    { name: "apiserver", signer: "ca", spec: apiServer },
    { name: "apiserver-kubelet-client", signer: "ca", spec: kubeletClient },
    { name: "front-proxy-ca", signer: undefined, spec: authority("front-proxy-ca") },
    { name: "front-proxy-client", signer: "front-proxy-ca", spec: client("front-proxy-client") },
    { name: "etcd/ca", signer: undefined, spec: authority("etcd-ca") },
    { name: "etcd/server", signer: "etcd/ca", spec: etcd(cluster.etcd.serverCertSANs) },
    { name: "etcd/peer", signer: "etcd/ca", spec: etcd(cluster.etcd.peerCertSANs) },
    { name: "etcd/healthcheck-client", signer: "etcd/ca", spec: client("kube-etcd-healthcheck-client") },
    { name: "apiserver-etcd-client", signer: "etcd/ca", spec: client("kube-apiserver-etcd-client") },
  ];
  return cluster.externalEtcd === undefined ? all : all.filter((certificate) => !isEtcds(certificate));
}

function isEtcds({ name, signer }: ClusterCertificate): boolean {
  return name === "etcd/ca" || signer === "etcd/ca";
}

/** The first minor whose API server reaches kubelets through a binding of its user, not as a cluster administrator. */
const FIRST_MINOR_WITHOUT_GROUP = 36;

/** Source: kubeadm app/phases/certs KubeadmCertKubeletClient of v1.34.4, v1.35.4 (a group) and v1.36.3, v1.37.2 (none). */
function kubeletClientGroups(config: InitConfig): readonly string[] {
  const minor = selectMinorVersion(config.cluster.kubernetesVersion)?.minor ?? FIRST_MINOR_WITHOUT_GROUP;
  return minor < FIRST_MINOR_WITHOUT_GROUP ? ["kubeadm:cluster-admins"] : [];
}
