import type { Pod } from "../pod/types.ts";
import { type ShutdownPeriod, selectShutdownPeriod } from "./settings/shutdown-periods.ts";

/** What may end only after all that come before it, by the labels that kubeadm's manifests carry. */
const LAST: readonly string[] = ["kube-apiserver", "etcd"];

/** Pods that are stopped together; a period that several stages share is used up by one after the other. */
export interface StopStage<T> {
  readonly pods: readonly T[];
  /** Undefined: each pod has its own grace. */
  readonly period: ShutdownPeriod | undefined;
}

/**
 * Pods are stopped stage by stage: those of lower priority first, then the API server after those that talk to it,
 * and etcd after the API server. With periods all pods of one period are stopped together, but for these two.
 * Source: kubelet nodeshutdown/nodeshutdown_manager.go groupByPriority (a pod without a priority has 0).
 */
export function planStop<T extends { readonly pod: Pod }>(
  pods: readonly T[],
  periods: readonly ShutdownPeriod[] = [],
): readonly StopStage<T>[] {
  const placed = pods.map((entry) => {
    const priority = entry.pod.spec.priority ?? 0;
    const period = selectShutdownPeriod(periods, priority);
    return { entry, period, rank: rankOf(entry.pod), level: period?.priority ?? priority };
  });
  const stages: (StopStage<T> & { readonly pods: T[]; readonly rank: number; readonly level: number })[] = [];
  for (const { entry, ...place } of placed.toSorted(
    (left, right) => left.rank - right.rank || left.level - right.level,
  )) {
    const last = stages.at(-1);
    if (last?.rank === place.rank && last.level === place.level) last.pods.push(entry);
    else stages.push({ ...place, pods: [entry] });
  }
  return stages.map((stage) => ({ pods: stage.pods, period: stage.period }));
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
