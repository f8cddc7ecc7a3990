import type { Pod } from "../pod/types.ts";

/** What may end only after all that come before it, by the labels that kubeadm's manifests carry. */
const LAST: readonly string[] = ["kube-apiserver", "etcd"];

/**
 * Groups of pods that are stopped one after another, the pods of a group together: the API server after those that
 * talk to it, etcd after the API server. Pods outside the control plane go with the first group.
 */
export function planStop<T extends { readonly pod: Pod }>(pods: readonly T[]): readonly (readonly T[])[] {
  const groups: T[][] = [[], ...LAST.map(() => [])];
  for (const entry of pods) groups[rankOf(entry.pod)]?.push(entry);
  return groups.filter((group) => group.length > 0);
}

/** Whether a control plane pod talks to another one: all to the API server, and that to etcd. */
export function dependsOn(pod: Pod, other: Pod): boolean {
  return componentOf(pod) !== undefined && rankOf(pod) < rankOf(other);
}

/** Whether a pod is the API server of a control plane, by the same labels. */
export function isApiServer(pod: Pod): boolean {
  return componentOf(pod) === "kube-apiserver";
}

function rankOf(pod: Pod): number {
  return LAST.indexOf(componentOf(pod) ?? "") + 1;
}

function componentOf(pod: Pod): string | undefined {
  const labels = pod.metadata.labels ?? {};
  return labels["tier"] === "control-plane" ? labels["component"] : undefined;
}
