import type { ContainerStatus, Pod } from "../../pod/types.ts";
import { isSidecar } from "../../runner/pod/restart-policy.ts";

/** A pod in a line; sidecars count as its containers. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly restarts: number;
  readonly status: string;
}

/**
 * A pod as kubectl sums it up, except that a reason of the pod itself comes before those of its containers.
 * Source: pkg/printers/internalversion/printers.go printPod.
 */
export function summarizePod(pod: Pod): PodSummary {
  const { spec, status } = pod;
  const { initContainerStatuses = [], containerStatuses = [], phase = "Pending" } = status ?? {};
  const init = summarizeInit(pod, initContainerStatuses);
  const sidecars = initContainerStatuses.filter((_, index) => isSidecarAt(pod, index));
  const total = spec.containers.length + (spec.initContainers ?? []).filter(isSidecar).length;
  if (init.waitsFor !== undefined && !isTrue(pod, "Initialized"))
    return {
      ...{ ready: init.ready, total, restarts: sumRestarts(initContainerStatuses) },
      status: status?.reason ?? init.waitsFor,
    };
  const running = containerStatuses.filter(({ ready, state }) => ready && state.running !== undefined);
  return {
    ready: init.ready + running.length,
    total,
    restarts: sumRestarts([...sidecars, ...containerStatuses]),
    status: status?.reason ?? describeContainers(pod, running.length > 0) ?? init.waitsFor ?? phase,
  };
}

/** The first init container that has not done its part, and how many sidecars before it are ready. */
function summarizeInit(
  pod: Pod,
  statuses: readonly ContainerStatus[],
): { readonly ready: number; readonly waitsFor: string | undefined } {
  let ready = 0;
  for (const [index, { state, started, ready: isReady }] of statuses.entries()) {
    if (state.terminated?.exitCode === 0) continue;
    if (!isSidecarAt(pod, index) || started !== true) {
      const reason = reasonOf(state) ?? "PodInitializing";
      const shown = reason === "PodInitializing" ? `${index}/${statuses.length}` : reason;
      return { ready, waitsFor: `Init:${shown}` };
    }
    if (isReady) ready += 1;
  }
  return { ready, waitsFor: undefined };
}

/** What the first one that does not run waits for or ended with; one that is done says nothing of those that are not. */
function describeContainers(pod: Pod, hasRunning: boolean): string | undefined {
  const states = (pod.status?.containerStatuses ?? []).map(({ state }) => state);
  const reason = states.map(reasonOf).find((one) => one !== undefined);
  if (reason !== "Completed") return reason;
  if (hasRunning && isTrue(pod, "Ready")) return "Running";
  const failed = states.find(({ terminated }) => terminated !== undefined && terminated.exitCode !== 0);
  return failed?.terminated?.reason ?? (hasRunning ? "NotReady" : reason);
}

function reasonOf({ waiting, terminated }: ContainerStatus["state"]): string | undefined {
  return waiting?.reason ?? terminated?.reason;
}

function isSidecarAt({ spec }: Pod, index: number): boolean {
  const container = spec.initContainers?.[index];
  return container !== undefined && isSidecar(container);
}

function isTrue({ status }: Pod, type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === "True") === true;
}

function sumRestarts(statuses: readonly ContainerStatus[]): number {
  return statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
