import { formatRfc3339 } from "../../core/rfc3339.ts";
import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../../pod/types.ts";
import { isSidecar } from "../pod/restart-policy.ts";

interface Verdict {
  readonly isTrue: boolean;
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions of a pod; the time of one moves only when its status flips. Source: kubelet status/generate.go. */
export function buildPodConditions(input: {
  readonly pod: Pod;
  readonly phase: PodStatus["phase"];
  readonly nowMs: number;
  readonly prepared: boolean;
  readonly initialized: boolean;
  /** A rule restarts all containers. */
  readonly restartingAll: boolean;
  /** It has ended because the machine goes down. */
  readonly disrupted: boolean;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
  readonly previous: PodStatus | undefined;
}): readonly PodCondition[] {
  const containersReady = judgeContainersReady(input);
  const verdicts: Readonly<Record<string, Verdict>> = {
    // A pod that is over has no sandbox any more. Source: generate.go GeneratePodReadyToStartContainersCondition.
    PodReadyToStartContainers: { isTrue: input.prepared && !OVER.includes(input.phase) },
    Initialized: judgeInitialized(input),
    Ready: containersReady.isTrue ? judgeGates(input.pod) : containersReady,
    ContainersReady: containersReady,
    PodScheduled: { isTrue: true },
    ...(mayRestartAll(input.pod) ? { AllContainersRestarting: judgeRestartingAll(input) } : {}),
    ...(input.disrupted ? { [DISRUPTION_TARGET]: DISRUPTED } : {}),
  };
  return Object.entries(verdicts).map(([type, { isTrue, ...why }]) => {
    const status = isTrue ? "True" : "False";
    const last = input.previous?.conditions?.find((condition) => condition.type === type);
    const unchanged = last?.status === status ? last.lastTransitionTime : undefined;
    return {
      type,
      status,
      ...why,
      lastProbeTime: null,
      lastTransitionTime: unchanged ?? formatRfc3339(input.nowMs),
    };
  });
}

/** The condition of a pod that is ended by somebody else. Source: api core/v1 types.go DisruptionTarget. */
export const DISRUPTION_TARGET = "DisruptionTarget";

/** Source: kubelet nodeshutdown/nodeshutdown_manager.go nodeShutdownReason, nodeShutdownMessage. */
export const NODE_SHUTDOWN = {
  reason: "Terminated",
  message: "Pod was terminated in response to imminent node shutdown.",
} as const;

/** Source: kubelet nodeshutdown/nodeshutdown_manager.go killPods. */
const DISRUPTED: Verdict = { ...NODE_SHUTDOWN, isTrue: true, reason: "TerminationByKubelet" };

const OVER: readonly PodStatus["phase"][] = ["Succeeded", "Failed"];

function mayRestartAll({ spec }: Pod): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some((container) =>
    container.restartPolicyRules?.some(({ action }) => action === "RestartAllContainers"),
  );
}

/** Source: kubelet status/generate.go GenerateAllContainersRestartingCondition. */
function judgeRestartingAll(input: {
  readonly phase: PodStatus["phase"];
  readonly restartingAll: boolean;
}): Verdict {
  if (input.phase === "Succeeded") return { isTrue: false, reason: "PodCompleted" };
  if (input.phase === "Failed") return { isTrue: false, reason: "PodFailed" };
  if (!input.restartingAll) return { isTrue: false };
  const message = "container exited with restart policy rule";
  return { isTrue: true, reason: "RestartAllContainersStarted", message };
}

function judgeInitialized(input: {
  readonly pod: Pod;
  readonly phase: PodStatus["phase"];
  readonly initialized: boolean;
  readonly init: readonly ContainerStatus[];
}): Verdict {
  if (input.phase === "Succeeded") return { isTrue: true, reason: "PodCompleted" };
  if (input.initialized) return { isTrue: true };
  const containers = input.pod.spec.initContainers ?? [];
  const incomplete = containers.filter((container, index) => {
    const status = input.init[index];
    return (isSidecar(container) ? status?.started : status?.ready) !== true;
  });
  const names = incomplete.map((container) => container.name).join(" ");
  return {
    isTrue: false,
    reason: "ContainersNotInitialized",
    message: `containers with incomplete status: [${names}]`,
  };
}

/**
 * Nobody can open a static pod's readiness gates: a condition that somebody sets on its mirror does not count.
 * Source: kubelet status/generate.go GeneratePodReadyCondition, kubelet_pods.go generateAPIPodStatus.
 */
function judgeGates({ spec }: Pod): Verdict {
  const closed = (spec.readinessGates ?? []).map(
    ({ conditionType }) =>
      `corresponding condition of pod readiness gate ${JSON.stringify(conditionType)} does not exist.`,
  );
  if (closed.length === 0) return { isTrue: true };
  return { isTrue: false, reason: "ReadinessGatesNotReady", message: closed.join(", ") };
}

function judgeContainersReady(input: {
  readonly pod: Pod;
  readonly phase: PodStatus["phase"];
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
}): Verdict {
  if (input.phase === "Succeeded") return { isTrue: false, reason: "PodCompleted" };
  if (input.phase === "Failed") return { isTrue: false, reason: "PodFailed" };
  const sidecars = input.init.filter((_, index) => {
    const container = input.pod.spec.initContainers?.[index];
    return container !== undefined && isSidecar(container);
  });
  const unready = [...sidecars, ...input.regular].filter((status) => !status.ready);
  if (unready.length === 0) return { isTrue: true };
  const names = unready.map((status) => status.name).join(" ");
  return {
    isTrue: false,
    reason: "ContainersNotReady",
    message: `containers with unready status: [${names}]`,
  };
}
