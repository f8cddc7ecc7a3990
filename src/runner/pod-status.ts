import { formatRfc3339 } from "../core/rfc3339.ts";
import { computeQosClass } from "../pod/qos-class.ts";
import type { Container, ContainerState, ContainerStatus, Pod, PodStatus } from "../pod/types.ts";
import type { RuntimeContainer, RuntimeState } from "../runtime/types.ts";
import { isSidecar, shouldRestart } from "./compute-actions.ts";
import { buildPodConditions } from "./pod-conditions.ts";

/** What the runner knows of one container when it writes its status. */
export interface ContainerObservation {
  /** The newest run and the one before. */
  readonly newest: RuntimeContainer | undefined;
  readonly previous: RuntimeContainer | undefined;
  /** Why it does not run, when it should. */
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly ready: boolean;
  readonly started: boolean;
}

/** What a pod's status is made from. */
export interface StatusInput {
  readonly pod: Pod;
  readonly nodeIp: string;
  /** The scheme of container IDs: `slipway` gives `slipway://<id>`. */
  readonly runtimeName: string;
  readonly nowMs: number;
  /** When the runner first took up the pod. */
  readonly startedAtMs: number;
  /** The pod's volumes are there. */
  readonly prepared: boolean;
  readonly containers: ReadonlyMap<string, ContainerObservation>;
  /** The last status, for the times of its conditions. */
  readonly previous: PodStatus | undefined;
}

/** The v1 status of a pod. Source: kubelet_pods.go generateAPIPodStatus, convertToAPIContainerStatuses, getPhase. */
export function buildPodStatus(input: StatusInput): PodStatus {
  const { pod, nodeIp } = input;
  const init = (pod.spec.initContainers ?? []).map((container) => toStatus(container, input));
  const initialized = isInitialized(pod, { init, input });
  const regular = pod.spec.containers.map((container) => toStatus(container, { ...input, initialized }));
  const phase = computePhase(pod, { initialized, init, regular });
  return {
    phase,
    conditions: buildPodConditions({ ...input, phase, initialized, init, regular }),
    hostIP: nodeIp,
    hostIPs: [{ ip: nodeIp }],
    podIP: nodeIp,
    podIPs: [{ ip: nodeIp }],
    startTime: formatRfc3339(input.startedAtMs),
    qosClass: computeQosClass(pod),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: regular.toSorted((left, right) => (left.name < right.name ? -1 : 1)),
  };
}

function isInitialized(
  pod: Pod,
  seen: { readonly init: readonly ContainerStatus[]; readonly input: StatusInput },
): boolean {
  const hasStarted = pod.spec.containers.some(
    (container) => seen.input.containers.get(container.name)?.newest !== undefined,
  );
  const containers = pod.spec.initContainers ?? [];
  const isDone = (container: Container, index: number): boolean =>
    (isSidecar(container) ? seen.init[index]?.started : seen.init[index]?.ready) === true;
  return hasStarted || containers.every(isDone);
}

function toStatus(
  container: Container,
  input: StatusInput & { readonly initialized?: boolean },
): ContainerStatus {
  const seen = input.containers.get(container.name);
  const newest = seen?.newest;
  const idOf = (run: RuntimeContainer): string => `${input.runtimeName}://${run.id}`;
  const shown = (run: RuntimeContainer | undefined): ContainerState =>
    run === undefined ? {} : toState(run.state, idOf(run));
  const waits = seen?.waiting !== undefined && newest?.state.kind !== "running";
  const unstarted = input.initialized === false ? "PodInitializing" : "ContainerCreating";
  return {
    name: container.name,
    state: waits
      ? { waiting: seen.waiting }
      : newest === undefined
        ? { waiting: { reason: unstarted } }
        : shown(newest),
    lastState: shown(waits ? newest : seen?.previous),
    ready:
      input.initialized === undefined && !isSidecar(container) ? hasSucceeded(newest) : seen?.ready === true,
    started: seen?.started === true,
    restartCount: newest?.spec.attempt ?? 0,
    image: container.image,
    imageID: newest?.imageId ?? "",
    ...(newest === undefined ? {} : { containerID: idOf(newest) }),
  };
}

function hasSucceeded(run: RuntimeContainer | undefined): boolean {
  return run?.state.kind === "exited" && run.state.exitCode === 0;
}

function toState(state: RuntimeState, containerID: string): ContainerState {
  if (state.kind === "running") return { running: { startedAt: formatRfc3339(state.startedAtMs) } };
  return {
    terminated: {
      exitCode: state.exitCode,
      ...(state.signal === undefined ? {} : { signal: state.signal }),
      reason: state.reason,
      ...(state.message === undefined ? {} : { message: state.message }),
      startedAt: formatRfc3339(state.startedAtMs),
      finishedAt: formatRfc3339(state.finishedAtMs),
      containerID,
    },
  };
}

/** Source: kubelet_pods.go getPhase. */
function computePhase(
  pod: Pod,
  seen: {
    readonly initialized: boolean;
    readonly init: readonly ContainerStatus[];
    readonly regular: readonly ContainerStatus[];
  },
): PodStatus["phase"] {
  if (!seen.initialized) {
    const failedForGood = (pod.spec.initContainers ?? []).some((container, index) => {
      const exitCode = exitCodeOf(seen.init[index]);
      return exitCode !== undefined && exitCode !== 0 && !shouldRestart({ pod, container, exitCode });
    });
    return failedForGood ? "Failed" : "Pending";
  }
  const ends = pod.spec.containers.map((container, index) => {
    const status = seen.regular[index];
    const exitCode = exitCodeOf(status);
    if (exitCode === undefined) return status?.state.running === undefined ? "unstarted" : "running";
    if (shouldRestart({ pod, container, exitCode })) return "running";
    return exitCode === 0 ? "succeeded" : "failed";
  });
  if (ends.includes("unstarted")) return "Pending";
  if (ends.includes("running")) return "Running";
  return ends.includes("failed") ? "Failed" : "Succeeded";
}

/** The exit code of a container that has ended, also while it waits for its next start. */
function exitCodeOf(status: ContainerStatus | undefined): number | undefined {
  if (status?.state.running !== undefined) return undefined;
  return (status?.state.terminated ?? status?.lastState.terminated)?.exitCode;
}
