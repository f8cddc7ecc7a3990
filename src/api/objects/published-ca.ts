import { formatYaml } from "../../core/yaml.ts";
import type { KubeObject } from "../types.ts";

/** A ConfigMap through which others learn to trust the cluster's CA. */
export type PublishedCa =
  | { readonly kind: "root-ca"; readonly namespace: string }
  | { readonly kind: "cluster-info"; readonly server: string };

/** The ConfigMap with the CA's certificate in it. */
export function buildPublishedCa(form: PublishedCa, caPem: string): KubeObject {
  return form.kind === "root-ca" ? buildRootCa(form.namespace, caPem) : buildClusterInfo(form.server, caPem);
}

/**
 * What pods of a namespace know the CA by; the controller-manager publishes it seconds after it has become healthy,
 * finds this one and is content. Source: pkg/controller/certificates/rootcacertpublisher.
 */
function buildRootCa(namespace: string, caPem: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "kube-root-ca.crt",
      namespace,
      annotations: { "kubernetes.io/description": "The CA that signed the API server's certificate" },
    },
    data: { "ca.crt": caPem },
  };
}

/**
 * What joining nodes know the cluster by. The controller-manager adds a signature for each bootstrap token.
 * Source: kubeadm phases/bootstraptoken/clusterinfo; client-go tools/clientcmd Write.
 */
function buildClusterInfo(server: string, caPem: string): KubeObject {
  const kubeconfig = formatYaml({
    apiVersion: "v1",
    clusters: [
      {
        cluster: { "certificate-authority-data": Buffer.from(caPem).toString("base64"), server },
        name: "",
      },
    ],
    contexts: null,
    "current-context": "",
    kind: "Config",
    users: null,
  });
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "cluster-info", namespace: "kube-public" },
    data: { kubeconfig },
  };
}
