import { X509Certificate } from "node:crypto";
import { formatYaml } from "../core/yaml.ts";
import type { KeyPair } from "../pki/types.ts";
import type { KubeconfigSpec } from "./types.ts";

/**
 * The text of a kubeconfig with everything embedded; of `caPem` only the first certificate. Holds a private key.
 * Source: kubeadm app/util/kubeconfig CreateWithCerts; client-go tools/clientcmd Write.
 */
export function formatKubeconfig(options: {
  readonly spec: Pick<KubeconfigSpec, "server" | "clusterName" | "userName">;
  readonly caPem: string;
  readonly keyPair: KeyPair;
}): string {
  const { spec, caPem, keyPair } = options;
  return formatConfig(spec, {
    cluster: { "certificate-authority-data": encode(new X509Certificate(caPem).toString()) },
    user: {
      "client-certificate-data": encode(keyPair.certPem),
      "client-key-data": encode(keyPair.keyPem),
    },
  });
}

/**
 * The text of a kubeconfig that waits for its certificate and CA: with a key alone. Holds a private key.
 * Source: kubeadm phases/kubeconfig createKubeConfigAndCSR.
 */
export function formatRequestKubeconfig(options: {
  readonly spec: Pick<KubeconfigSpec, "server" | "clusterName" | "userName">;
  readonly keyPem: string;
}): string {
  const user = { "client-key-data": encode(options.keyPem) };
  return formatConfig(options.spec, { cluster: {}, user });
}

function formatConfig(
  spec: Pick<KubeconfigSpec, "server" | "clusterName" | "userName">,
  parts: { readonly cluster: object; readonly user: object },
): string {
  const contextName = `${spec.userName}@${spec.clusterName}`;
  const cluster = { ...parts.cluster, server: spec.server };
  const { user } = parts;
  return formatYaml({
    apiVersion: "v1",
    clusters: [{ cluster, name: spec.clusterName }],
    contexts: [{ context: { cluster: spec.clusterName, user: spec.userName }, name: contextName }],
    "current-context": contextName,
    kind: "Config",
    users: [{ name: spec.userName, user }],
  });
}

function encode(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
