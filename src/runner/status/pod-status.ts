import { formatRfc3339 } from "../../core/rfc3339.ts";
import { computeQosClass } from "../../pod/qos-class.ts";
import type { Container, ContainerState, ContainerStatus, Pod, PodStatus } from "../../pod/types.ts";
import type { RuntimeContainer, RuntimeState } from "../../runtime/types.ts";
import { isSidecar, type RunEnd } from "../pod/restart-policy.ts";
import { describeContainer, type RunnerUser } from "./container-facts.ts";
import { buildPodConditions, NODE_SHUTDOWN } from "./pod-conditions.ts";
import { computePhase } from "./pod-phase.ts";

/** What the runner knows of one container when it writes its status. */
export interface ContainerObservation {
  /** The newest run and the one before. */
  readonly newest: RuntimeContainer | undefined;
  readonly previous: RuntimeContainer | undefined;
  /** How the newest run ended, when it has. */
  readonly end: RunEnd | undefined;
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
  /** Undefined: nobody knows. */
  readonly runnerUser: RunnerUser | undefined;
  readonly nowMs: number;
  /** When the runner first took up the pod. */
  readonly startedAtMs: number;
  /** The pod's volumes are there. */
  readonly prepared: boolean;
  /** activeDeadlineSeconds are over. */
  readonly expired: boolean;
  /** It has ended because the machine goes down. */
  readonly disrupted: boolean;
  /** A rule restarts all containers. */
  readonly restartingAll: boolean;
  readonly containers: ReadonlyMap<string, ContainerObservation>;
  /** The last status, for the times of its conditions. */
  readonly previous: PodStatus | undefined;
}

/** Source: kubelet active_deadline.go. */
export const DEADLINE_EXCEEDED = {
  reason: "DeadlineExceeded",
  message: "Pod was active on the node longer than the specified deadline",
} as const;

/** The v1 status of a pod. Source: kubelet_pods.go generateAPIPodStatus, convertToAPIContainerStatuses, getPhase. */
export function buildPodStatus(input: StatusInput): PodStatus {
  const { pod, nodeIp } = input;
  const hasStarted = pod.spec.containers.some(
    (container) => input.containers.get(container.name)?.newest !== undefined,
  );
  const init = (pod.spec.initContainers ?? []).map((container) =>
    toStatus(container, { ...input, role: "init", hasStarted }),
  );
  const initialized = hasStarted || isInitialized(pod, init);
  const regular = pod.spec.containers.map((container) =>
    toStatus(container, { ...input, role: "regular", hasStarted }),
  );
  const ends = new Map([...input.containers].map(([name, { end }]) => [name, end]));
  const ownPhase = computePhase(pod, { hasStarted, init, regular, ends });
  const failure = selectFailure(input, ownPhase);
  const phase = failure === undefined ? ownPhase : "Failed";
  return {
    phase,
    ...failure,
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

/** Why a pod has failed, whatever its containers say; one that is done before the machine goes down stays so. */
function selectFailure(
  { expired, disrupted }: StatusInput,
  ownPhase: PodStatus["phase"],
): Pick<PodStatus, "reason" | "message"> | undefined {
  if (expired) return DEADLINE_EXCEEDED;
  return disrupted && ownPhase !== "Succeeded" ? NODE_SHUTDOWN : undefined;
}

function isInitialized(pod: Pod, statuses: readonly ContainerStatus[]): boolean {
  return (pod.spec.initContainers ?? []).every((container, index) =>
    isSidecar(container) ? statuses[index]?.started === true : statuses[index]?.ready === true,
  );
}

function toStatus(
  container: Container,
  input: StatusInput & {
    readonly role: "init" | "regular";
    /** A regular container has a record, so all init containers were done. */
    readonly hasStarted: boolean;
  },
): ContainerStatus {
  const seen = input.containers.get(container.name);
  const newest = seen?.newest;
  const idOf = (run: RuntimeContainer): string => `${input.runtimeName}://${run.id}`;
  const shown = (run: RuntimeContainer | undefined): ContainerState =>
    run === undefined ? {} : toState(run.state, idOf(run));
  const waits = seen?.waiting !== undefined && newest?.state.kind !== "running";
  const isPlainInit = input.role === "init" && !isSidecar(container);
  return {
    name: container.name,
    state: waits
      ? { waiting: seen.waiting }
      : newest === undefined
        ? describeUnstarted(input, isPlainInit)
        : shown(newest),
    lastState: shown(waits ? newest : seen?.previous),
    ready: isPlainInit
      ? hasSucceeded(newest) || (newest === undefined && input.hasStarted)
      : seen?.ready === true,
    started: seen?.started === true,
    restartCount: newest?.spec.attempt ?? 0,
    image: container.image,
    imageID: newest?.imageId ?? "",
    ...(newest === undefined ? {} : { containerID: idOf(newest) }),
    ...describeContainer(container, { newest, runnerUser: input.runnerUser }),
  };
}

/**
 * A container without a record; an init container of a pod that has got further is done, and its record was removed.
 * Source: kubelet_pods.go convertToAPIContainerStatuses (defaultWaitingState, `Completed`).
 */
function describeUnstarted(
  input: StatusInput & { readonly hasStarted: boolean },
  isPlainInit: boolean,
): ContainerState {
  if (isPlainInit && input.hasStarted) return { terminated: { exitCode: 0, reason: "Completed" } };
  const hasInit = (input.pod.spec.initContainers ?? []).length > 0;
  return { waiting: { reason: hasInit ? "PodInitializing" : "ContainerCreating" } };
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
