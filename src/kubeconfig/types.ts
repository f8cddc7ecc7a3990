import type { CertificateSpec } from "../pki/types.ts";

export const KUBECONFIG_NAMES = [
  "admin",
  "super-admin",
  "kubelet",
  "controller-manager",
  "scheduler",
] as const;

/** A file `<name>.conf` under /etc/kubernetes. */
export type KubeconfigName = (typeof KUBECONFIG_NAMES)[number];

/** What one kubeconfig file says; the client certificate is made by apply. Holds no secret. */
export interface KubeconfigSpec {
  readonly name: KubeconfigName;
  readonly server: string;
  readonly clusterName: string;
  readonly userName: string;
  readonly certificate: CertificateSpec;
}

/** What a kubeconfig's current context says, all PEM but the server. Holds a private key: never logged. */
export interface KubeconfigCredentials {
  /** `https://10.0.0.1:6443` */
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
