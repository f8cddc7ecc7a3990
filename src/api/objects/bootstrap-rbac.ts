import { selectMinorVersion } from "../../core/kubernetes-versions.ts";
import type { KubeObject } from "../types.ts";
import {
  BOOTSTRAP_TOKEN_GROUP,
  buildClusterRole,
  buildClusterRoleBinding,
  buildReaders,
  NODES_GROUP,
} from "./rbac.ts";

/** The group that admin.conf is in. Source: kubeadm app/constants ClusterAdminsGroupAndClusterRoleBinding. */
const CLUSTER_ADMINS = "kubeadm:cluster-admins";
/** Source: kubeadm app/constants APIServerKubeletClientCertCommonName. */
const KUBELET_CLIENT_USER = "kube-apiserver-kubelet-client";
/** The first minor whose kubeadm gives the API server's kubelet client its rights by a binding. */
const KUBELET_CLIENT_BINDING_MINOR = 36;
const CSR_ROLE = "system:certificates.k8s.io:certificatesigningrequests";

/** Gives admin.conf its rights; only super-admin.conf can create it. Source: kubeadm phases/kubeconfig. */
export function buildClusterAdminsBinding(): KubeObject {
  return buildClusterRoleBinding(CLUSTER_ADMINS, {
    role: "cluster-admin",
    subject: { kind: "Group", name: CLUSTER_ADMINS },
  });
}

/**
 * What lets nodes join with a bootstrap token, and the API server talk to kubelets. Up to 1.35 the API server's
 * kubelet client is in a group with all rights, and needs no binding.
 * Source: kubeadm phases/bootstraptoken/node/tlsbootstrap.go, clusterinfo/clusterinfo.go of 1.34 to 1.37.
 */
export function buildBootstrapRbac(options: { readonly kubernetesVersion: string }): readonly KubeObject[] {
  const minor = selectMinorVersion(options.kubernetesVersion)?.minor ?? KUBELET_CLIENT_BINDING_MINOR;
  const joining = { kind: "Group", name: BOOTSTRAP_TOKEN_GROUP } as const;
  const nodes = { kind: "Group", name: NODES_GROUP } as const;
  const kubeletClient = buildClusterRoleBinding("kubeadm:apiserver-kubelet-client", {
    role: "system:kubelet-api-admin",
    subject: { kind: "User", name: KUBELET_CLIENT_USER },
  });
  return [
    ...(minor >= KUBELET_CLIENT_BINDING_MINOR ? [kubeletClient] : []),
    buildClusterRole("kubeadm:get-nodes", [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }]),
    buildClusterRoleBinding("kubeadm:get-nodes", { role: "kubeadm:get-nodes", subject: joining }),
    buildClusterRoleBinding("kubeadm:kubelet-bootstrap", {
      role: "system:node-bootstrapper",
      subject: joining,
    }),
    buildClusterRoleBinding("kubeadm:node-autoapprove-bootstrap", {
      role: `${CSR_ROLE}:nodeclient`,
      subject: joining,
    }),
    buildClusterRoleBinding("kubeadm:node-autoapprove-certificate-rotation", {
      role: `${CSR_ROLE}:selfnodeclient`,
      subject: nodes,
    }),
    ...buildReaders("kubeadm:bootstrap-signer-clusterinfo", {
      namespace: "kube-public",
      resource: "configmaps",
      object: "cluster-info",
      subjects: [{ kind: "User", name: "system:anonymous" }],
    }),
  ];
}
