import type { KubeObject } from "../types.ts";

const GROUP = "rbac.authorization.k8s.io";

/** The group that tokens of joining nodes are in. Source: kubeadm app/constants NodeBootstrapTokenAuthGroup. */
export const BOOTSTRAP_TOKEN_GROUP = "system:bootstrappers:kubeadm:default-node-token";
/** The group of all nodes. Source: kubeadm app/constants NodesGroup. */
export const NODES_GROUP = "system:nodes";

/** Who gets a role. */
export type Subject =
  | { readonly kind: "Group" | "User"; readonly name: string }
  | { readonly kind: "ServiceAccount"; readonly name: string; readonly namespace: string };

/** A ClusterRoleBinding. */
export function buildClusterRoleBinding(
  name: string,
  binding: { readonly role: string; readonly subject: Subject },
): KubeObject {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: binding.role },
    subjects: [withGroup(binding.subject)],
  };
}

/** A Role of one name that may read one named object, and its binding of the same name. */
export function buildReaders(
  name: string,
  grant: {
    readonly namespace: string;
    readonly resource: "configmaps" | "secrets";
    readonly object: string;
    readonly subjects: readonly Subject[];
  },
): readonly [KubeObject, KubeObject] {
  const metadata = { name, namespace: grant.namespace };
  return [
    {
      apiVersion: `${GROUP}/v1`,
      kind: "Role",
      metadata,
      rules: [
        { apiGroups: [""], resourceNames: [grant.object], resources: [grant.resource], verbs: ["get"] },
      ],
    },
    {
      apiVersion: `${GROUP}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: GROUP, kind: "Role", name },
      subjects: grant.subjects.map(withGroup),
    },
  ];
}

/** A ClusterRole. */
export function buildClusterRole(
  name: string,
  rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[],
): KubeObject {
  return { apiVersion: `${GROUP}/v1`, kind: "ClusterRole", metadata: { name }, rules };
}

/** The API server fills in the group of users and groups; named here, so that a second look finds no difference. */
function withGroup(subject: Subject): Subject {
  return subject.kind === "ServiceAccount" ? subject : { ...{ apiGroup: GROUP }, ...subject };
}
