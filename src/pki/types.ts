import type { EncryptionAlgorithm } from "../config/types.ts";

/** A distinguished name: organizations come before the common name. Source: Go crypto/x509/pkix. */
export interface Subject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** What to put into a certificate. Holds no secret. */
export interface CertificateSpec {
  readonly subject: Subject;
  readonly isCa: boolean;
  readonly usages: readonly ("serverAuth" | "clientAuth")[];
  /** Sorted, without duplicates. */
  readonly dnsNames: readonly string[];
  /** In order, without duplicates, in canonical form. */
  readonly ipAddresses: readonly string[];
  readonly algorithm: EncryptionAlgorithm;
  readonly validityMs: number;
}

/** The base names of the ten certificates under the certificates directory, in kubeadm's order. */
export const CERTIFICATE_NAMES = [
  "ca",
  "apiserver",
  "apiserver-kubelet-client",
  "front-proxy-ca",
  "front-proxy-client",
  "etcd/ca",
  "etcd/server",
  "etcd/peer",
  "etcd/healthcheck-client",
  "apiserver-etcd-client",
] as const;

export type CertificateName = (typeof CERTIFICATE_NAMES)[number];

/** One of kubeadm's certificates: what it is and which CA signs it (undefined: itself). */
export interface ClusterCertificate {
  readonly name: CertificateName;
  readonly signer: "ca" | "front-proxy-ca" | "etcd/ca" | undefined;
  readonly spec: CertificateSpec;
}

/** A certificate with its private key, both PEM. Never logged, never part of a plan. */
export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/** A key pair of the service account signer: PKCS#1 or SEC 1 private key and PKIX public key, PEM. */
export interface ServiceAccountKeys {
  readonly privatePem: string;
  readonly publicPem: string;
}
