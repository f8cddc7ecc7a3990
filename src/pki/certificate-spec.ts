import type { ClusterSettings, EncryptionAlgorithm } from "../config/types.ts";
import type { CertificateSpec, Subject } from "./types.ts";

/** The names that a certificate is valid for. */
export type SubjectAltNames = Pick<CertificateSpec, "dnsNames" | "ipAddresses">;

/** A CA that signs itself; its one DNS name is its common name. Source: kubeadm app/util/pkiutil NewSelfSignedCACert. */
export function buildCaSpec(options: {
  readonly cluster: ClusterSettings;
  readonly commonName: string;
}): CertificateSpec {
  return {
    subject: { commonName: options.commonName, organizations: [] },
    isCa: true,
    usages: [],
    dnsNames: [options.commonName],
    ipAddresses: [],
    algorithm: options.cluster.encryptionAlgorithm,
    validityMs: options.cluster.caValidityMs,
  };
}

/** What a runner or a kubelet serves with. Source: pkg/kubelet/certificate/kubelet.go: the names. */
export function buildServingSpec(options: {
  readonly nodeName: string;
  readonly address: string;
  readonly algorithm: EncryptionAlgorithm;
}): Omit<CertificateSpec, "validityMs"> {
  const { nodeName, address, algorithm } = options;
  return {
    subject: { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] },
    isCa: false,
    usages: ["serverAuth"],
    dnsNames: [nodeName],
    ipAddresses: [address],
    algorithm,
  };
}

/** A certificate that a CA signs; a client's needs no names. Source: kubeadm app/util/pkiutil NewSignedCert. */
export function buildLeafSpec(options: {
  readonly cluster: ClusterSettings;
  readonly subject: Subject;
  readonly usages: CertificateSpec["usages"];
  readonly names?: SubjectAltNames;
}): CertificateSpec {
  return {
    subject: options.subject,
    isCa: false,
    usages: options.usages,
    dnsNames: options.names?.dnsNames ?? [],
    ipAddresses: options.names?.ipAddresses ?? [],
    algorithm: options.cluster.encryptionAlgorithm,
    validityMs: options.cluster.certificateValidityMs,
  };
}
