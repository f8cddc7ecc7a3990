import type { KubeObject } from "./types.ts";

/** The group that admin.conf is in. Source: kubeadm app/constants ClusterAdminsGroupAndClusterRoleBinding. */
const CLUSTER_ADMINS = "kubeadm:cluster-admins";
/** Source: kubeadm app/constants NodeBootstrapTokenAuthGroup. */
const BOOTSTRAP_TOKEN_GROUP = "system:bootstrappers:kubeadm:default-node-token";
/** Source: kubeadm app/constants APIServerKubeletClientCertCommonName. */
const KUBELET_CLIENT_USER = "kube-apiserver-kubelet-client";
/** The first minor whose kubeadm gives the API server's kubelet client its rights by a binding. */
const KUBELET_CLIENT_BINDING_MINOR = 36;
const CSR_ROLE = "system:certificates.k8s.io:certificatesigningrequests";

/** Gives admin.conf its rights; only super-admin.conf can create it. Source: kubeadm phases/kubeconfig. */
export function buildClusterAdminsBinding(): KubeObject {
  return buildBinding(CLUSTER_ADMINS, { role: "cluster-admin", kind: "Group", subject: CLUSTER_ADMINS });
}

/**
 * The bindings that a new cluster needs before anything else, admin.conf's first. Up to 1.35 the API server's kubelet
 * client is in a group with all rights, and needs none.
 * Source: kubeadm phases/kubeconfig, phases/bootstraptoken/node/tlsbootstrap.go of 1.34 to 1.37.
 */
export function buildBootstrapObjects(options: {
  readonly kubernetesVersion: string;
}): readonly KubeObject[] {
  const minor = Number(/^v1\.(\d+)\./.exec(options.kubernetesVersion)?.[1]);
  const kubeletClient = buildBinding("kubeadm:apiserver-kubelet-client", {
    role: "system:kubelet-api-admin",
    kind: "User",
    subject: KUBELET_CLIENT_USER,
  });
  return [
    buildClusterAdminsBinding(),
    ...(minor >= KUBELET_CLIENT_BINDING_MINOR ? [kubeletClient] : []),
    buildBinding("kubeadm:node-autoapprove-bootstrap", {
      role: `${CSR_ROLE}:nodeclient`,
      kind: "Group",
      subject: BOOTSTRAP_TOKEN_GROUP,
    }),
    buildBinding("kubeadm:node-autoapprove-certificate-rotation", {
      role: `${CSR_ROLE}:selfnodeclient`,
      kind: "Group",
      subject: "system:nodes",
    }),
  ];
}

function buildBinding(
  name: string,
  binding: { readonly role: string; readonly kind: "Group" | "User"; readonly subject: string },
): KubeObject {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup, kind: "ClusterRole", name: binding.role },
    subjects: [{ apiGroup, kind: binding.kind, name: binding.subject }],
  };
}
