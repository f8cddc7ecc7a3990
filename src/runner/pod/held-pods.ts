import type { PodReport } from "../../control/protocol.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import { fullNameOf } from "../../pod/default-pod.ts";
import { computeQosClass } from "../../pod/qos-class.ts";
import type { PodStatus } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import { admitPod, type NodeFacts, type Rejection } from "../admission/admit-pod.ts";
import type { DesiredPod, EventRecorder } from "../types.ts";
import type { PodWorker } from "./pod-worker.ts";

/** A pod that should run and has not been started. */
interface HeldPod {
  readonly entry: DesiredPod;
  readonly sinceMs: number;
  readonly rejection: Rejection;
  /** It will fit when the pods that are being stopped have ended. */
  readonly isPassing: boolean;
}

/** A pod that is to start. */
interface Candidate {
  readonly entry: DesiredPod;
  readonly beside: readonly PodWorker[];
  /** All pods are being stopped with the machine. */
  readonly goesDown: boolean;
}

/** Pods that are not started, for want of room, because this is not their node, or as the machine goes down. */
export interface HeldPods {
  /** Whether a pod may start beside others. If not it is held and shown, and told once for each reason. */
  mayStart(hash: string, options: Candidate): boolean;
  /** Forgets those that should not run any more. */
  keepOnly(wanted: ReadonlyMap<string, DesiredPod>): void;
  has(fullName: string): boolean;
  reports(): readonly Omit<PodReport, "mirrorProblem">[];
}

/**
 * Shows held pods as the kubelet shows a rejected one, and asks again each time. Source: kubelet.go rejectPod,
 * status_manager.go updateStatusInternal (startTime).
 */
export function createHeldPods(
  system: Pick<System, "clock" | "log">,
  options: {
    readonly events: EventRecorder;
    readonly nodeName: string;
    readonly node: () => NodeFacts;
  },
): HeldPods {
  const held = new Map<string, HeldPod>();
  return {
    mayStart: (hash, candidate) => {
      const before = held.get(hash);
      const sinceMs = before?.sinceMs ?? system.clock.nowMs();
      const judged = judge(candidate, { ...options, node: options.node(), sinceMs });
      if (judged === undefined) held.delete(hash);
      else held.set(hash, judged);
      if (judged !== undefined && !isTold(judged, before)) tell(system, { ...options, held: judged });
      return judged === undefined;
    },
    keepOnly: (wanted) => {
      for (const hash of held.keys()) if (!wanted.has(hash)) held.delete(hash);
    },
    has: (fullName) => [...held.values()].some(({ entry }) => fullNameOf(entry.pod) === fullName),
    reports: () =>
      [...held.values()].map((entry) => ({
        pod: { ...entry.entry.pod, status: describeHeld(entry) },
        origin: entry.entry.origin,
        terminating: false,
        containers: [],
      })),
  };
}

/** Of pods that come together the more important ones are asked first; those of one priority in their order. */
export function byPriority(
  left: readonly [string, DesiredPod],
  right: readonly [string, DesiredPod],
): number {
  return (right[1].pod.spec.priority ?? 0) - (left[1].pod.spec.priority ?? 0);
}

/** Pods that are over do not count against another. Source: kubelet.go (the node's shutdown is asked last). */
function judge(
  { entry, beside, goesDown }: Candidate,
  options: { readonly nodeName: string; readonly node: NodeFacts; readonly sinceMs: number },
): HeldPod | undefined {
  const active = beside.filter((worker) => !worker.isOver());
  const ask = (workers: readonly PodWorker[]): Rejection | undefined =>
    admitPod({ ...options, pod: entry.pod, others: workers.map(({ known }) => known.desired.pod) });
  const rejection = ask(active) ?? (goesDown ? NODE_SHUTDOWN : undefined);
  if (rejection === undefined) return undefined;
  const isPassing = !goesDown && ask(active.filter((worker) => !worker.isStopping())) === undefined;
  return { entry, sinceMs: options.sinceMs, rejection, isPassing };
}

/** Source: nodeshutdown/nodeshutdown_manager.go NodeShutdownNotAdmittedReason, nodeShutdownNotAdmittedMessage. */
const NODE_SHUTDOWN: Rejection = {
  reason: "NodeShutdown",
  message: "Pod was rejected as the node is shutting down.",
};

function isTold(held: HeldPod, before: HeldPod | undefined): boolean {
  return (
    held.isPassing || (before?.isPassing === false && before.rejection.message === held.rejection.message)
  );
}

function tell(
  system: Pick<System, "log">,
  { events, held }: { readonly events: EventRecorder; readonly held: HeldPod },
): void {
  const { pod } = held.entry;
  const { reason, message } = held.rejection;
  const { name, namespace } = pod.metadata;
  events.record({ type: "Warning", reason, message, pod: name, namespace, container: undefined });
  system.log.warn("pod rejected", { pod: fullNameOf(pod), reason, why: message });
}

function describeHeld({ entry, sinceMs, rejection, isPassing }: HeldPod): PodStatus {
  const common = { qosClass: computeQosClass(entry.pod), startTime: formatRfc3339(sinceMs) };
  const { reason, message } = rejection;
  return isPassing
    ? { phase: "Pending", ...common, message: `waits for pods that are being stopped: ${message}` }
    : { phase: "Failed", ...common, reason, message: `Pod was rejected: ${message}` };
}
