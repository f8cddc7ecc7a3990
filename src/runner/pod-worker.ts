import type { PodReport } from "../control/protocol.ts";
import type { PodStatus } from "../pod/types.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import type { KnownPod } from "./container-annotations.ts";
import { type PodContext, record, type SlotOptions } from "./container-context.ts";
import { endSlot, watchSlot } from "./container-life.ts";
import type { ProbeRunner } from "./probes/run-probe.ts";
import type { HookRunner } from "./run-hook.ts";
import type { StartOptions } from "./start-container.ts";
import { createPodState, nextStartOf, type PodState, refreshStatus, reportPod, syncPod } from "./sync-pod.ts";
import type { EventRecorder } from "./types.ts";
import { createWakeLoop } from "./wake-loop.ts";

/**
 * Brings one pod to what it should be and keeps it there. Whatever wakes it, it compares and acts.
 *
 *     running ──stop()──▶ stopping ──nothing of it runs──▶ ended
 */
export interface PodWorker {
  readonly known: KnownPod;
  report(): Omit<PodReport, "mirrorProblem">;
  isStopping(): boolean;
  /** The manifest is still there: an adopted pod need not wait for it any more. */
  confirm(): void;
  /** Ends the pod gracefully and forgets it; resolves when that is done. */
  stop(): Promise<void>;
  /** Ends all containers; they start again at once, whatever the policy and the back-off. */
  restart(): void;
  /** The runtime says that a container of this pod has ended. */
  exited(run: RuntimeContainer): void;
  /** Stops watching. The pod goes on. */
  close(): Promise<void>;
}

/** What a worker is made from. */
export interface WorkerOptions {
  readonly known: KnownPod;
  /** The runs that an earlier runner left, running or not. */
  readonly runs: readonly RuntimeContainer[];
  readonly runner: StartOptions;
  readonly maxRestartPeriodMs: number | undefined;
  readonly probes: ProbeRunner;
  readonly hooks: HookRunner;
  readonly events: EventRecorder;
  /** The report has changed. */
  readonly onChange: () => void;
}

/** Takes up a pod: adopts what runs of it, starts what does not. */
export function createPodWorker(system: System, options: WorkerOptions): PodWorker {
  const state = createPodState({ ...options, nowMs: system.clock.nowMs() });
  const loop = createWakeLoop(system, async () => {
    const next = await syncPod(system, { state, context, isClosed: loop.isClosed });
    if (refresh(system, { ...options, state })) options.onChange();
    return next;
  });
  const context: PodContext = { ...options, wake: loop.wake, earlyExits: new Map() };
  for (const slot of state.slots) watchSlot(system, { context, slot });
  refresh(system, { ...options, state });
  loop.wake();
  return {
    known: options.known,
    report: () => reportPod(system, state),
    isStopping: () => state.wanted === "stop",
    confirm: () => {
      if (state.heldUntilMs === 0) return;
      state.heldUntilMs = 0;
      loop.wake();
    },
    stop: () => {
      state.wanted = "stop";
      loop.wake();
      return loop.ended;
    },
    restart: () => {
      for (const slot of restartable(state)) {
        slot.restartAsked = true;
        slot.retryAtMs = 0;
      }
      loop.wake();
    },
    exited: (run) => {
      takeExit(system, { state, context, run });
      loop.wake();
    },
    close: async () => {
      for (const slot of state.slots) {
        slot.prober?.close();
        slot.abortHook?.();
      }
      await loop.close();
    },
  };
}

/** An exit that is told before its start has returned is kept until then. */
function takeExit(
  system: Pick<System, "clock" | "log">,
  options: { readonly state: PodState; readonly context: PodContext; readonly run: RuntimeContainer },
): void {
  const { state, context, run } = options;
  const slot = state.slots.find((candidate) => candidate.newest?.id === run.id);
  if (slot === undefined) {
    context.earlyExits.set(run.id, run);
    return;
  }
  if (slot.newest?.state.kind === "exited") return;
  endSlot(system, { context, slot, run });
  const waitMs = (nextStartOf(state, slot) ?? 0) - system.clock.nowMs();
  if (waitMs <= 0) return;
  record(
    { context, slot },
    { type: "Warning", reason: "BackOff", message: describeBackOff({ context, slot }) },
  );
}

/** Source: kuberuntime_manager.go doBackOff (the event). */
function describeBackOff({ context, slot }: SlotOptions): string {
  const { name, namespace, uid } = context.known.desired.pod.metadata;
  return `Back-off restarting failed container ${slot.container.name} in pod ${name}_${namespace}(${uid})`;
}

/** Writes the status anew and logs when the pod became ready or ceased to be. */
function refresh(
  system: Pick<System, "clock" | "log">,
  options: { readonly state: PodState; readonly runner: StartOptions },
): boolean {
  const { nodeIp, runtime } = options.runner;
  const { state } = options;
  const wasReady = isReady(state.status);
  const changed = refreshStatus(system, { state, nodeIp, runtimeName: runtime.name });
  if (isReady(state.status) !== wasReady) {
    system.log.info(wasReady ? "pod not ready" : "pod ready", { pod: state.known.desired.pod.metadata.name });
  }
  return changed;
}

function isReady(status: PodStatus): boolean {
  return status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;
}

/** Regular containers; init containers that are done stay done. */
function restartable(state: PodState): PodState["slots"] {
  const { containers } = state.known.desired.pod.spec;
  return state.slots.filter((slot) => containers.includes(slot.container));
}
