import type { Pod } from "../pod/types.ts";

/** What may end only after all that come before it, by the labels that kubeadm's manifests carry. */
const LAST: readonly string[] = ["kube-apiserver", "etcd"];

/**
 * Groups of pods that are stopped one after another, the pods of a group together: those of lower priority first, then
 * the API server after those that talk to it, and etcd after the API server.
 * Source: kubelet nodeshutdown/nodeshutdown_manager.go groupByPriority (a pod without a priority has 0).
 */
export function planStop<T extends { readonly pod: Pod }>(pods: readonly T[]): readonly (readonly T[])[] {
  const groups: T[][] = [];
  for (const entry of pods.toSorted((left, right) => compareImportance(left.pod, right.pod))) {
    const group = groups.at(-1);
    const isEqual = group?.[0] !== undefined && compareImportance(group[0].pod, entry.pod) === 0;
    if (isEqual) group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function compareImportance(left: Pod, right: Pod): number {
  return rankOf(left) - rankOf(right) || (left.spec.priority ?? 0) - (right.spec.priority ?? 0);
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
