import type { PodReport } from "../control/protocol.ts";
import type { PodStatus } from "../pod/types.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import type { KnownPod } from "./container-annotations.ts";
import { type PodContext, record, type SlotOptions } from "./container-context.ts";
import { endSlot, watchSlot } from "./container-life.ts";
import { createPodRecord } from "./pod-record.ts";
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
  /** Nothing of the pod runs or will run again. */
  isOver(): boolean;
  /** The manifest is still there: an adopted pod need not wait for it any more. */
  confirm(): void;
  /** Ends the pod gracefully and forgets it; resolves when that is done. */
  stop(): Promise<void>;
  /** Ends all containers; they start again at once, whatever the policy and the back-off. */
  restart(): void;
  /** What the pod depends on is back: nothing of it waits for its back-off. */
  hurry(): void;
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
  /** The status that an earlier runner saved. */
  readonly lastStatus: PodStatus | undefined;
  readonly runner: StartOptions;
  readonly maxRestartPeriodMs: number | undefined;
  readonly probes: ProbeRunner;
  readonly hooks: HookRunner;
  readonly events: EventRecorder;
  /** The report has changed. */
  readonly onChange: () => void;
  /** The pod has become ready, or is over and leaves its room to others. */
  readonly onTurn: (turn: "ready" | "over") => void;
}

/** Takes up a pod: adopts what runs of it, starts what does not. */
export function createPodWorker(system: System, options: WorkerOptions): PodWorker {
  const state = createPodState({ ...options, nowMs: system.clock.nowMs() });
  const loop = createWakeLoop(system, async () => {
    const next = await syncPod(system, { state, context, isClosed: loop.isClosed });
    if (refresh(system, { ...options, state })) {
      context.record.save(state.status);
      options.onChange();
    }
    return next;
  });
  const context: PodContext = {
    ...options,
    schedule: state.schedule,
    record: createPodRecord(system, {
      podsDir: options.runner.paths.podsDir,
      pod: options.known.desired.pod,
    }),
    wake: loop.wake,
    earlyExits: new Map(),
  };
  for (const slot of state.slots) {
    watchSlot(system, { context, slot, known: findKnown(slot, options) });
  }
  refresh(system, { ...options, state });
  loop.wake();
  return {
    known: options.known,
    report: () => reportPod(system, state),
    isStopping: () => state.wanted === "stop",
    isOver: () => isOver(state.status) && state.slots.every((slot) => slot.newest?.state.kind !== "running"),
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
    hurry: () => {
      for (const slot of state.slots) slot.hurried = slot.newest?.state.kind === "exited";
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
      await context.record.close();
    },
  };
}

/** What the earlier runner had found out about the run that still goes on. */
function findKnown(
  slot: PodState["slots"][number],
  { lastStatus, runner }: Pick<WorkerOptions, "lastStatus" | "runner">,
): { readonly started: boolean; readonly ready: boolean } {
  const { initContainerStatuses = [], containerStatuses = [] } = lastStatus ?? {};
  const id = `${runner.runtime.name}://${slot.newest?.id}`;
  const status = [...initContainerStatuses, ...containerStatuses].find(
    ({ containerID }) => containerID === id,
  );
  return { started: status?.started === true, ready: status?.ready === true };
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
  options: Pick<WorkerOptions, "runner" | "onTurn"> & { readonly state: PodState },
): boolean {
  const { nodeIp, runtime } = options.runner;
  const { state } = options;
  const wasReady = isReady(state.status);
  const wasOver = isOver(state.status);
  const changed = refreshStatus(system, { state, nodeIp, runtimeName: runtime.name });
  if (isReady(state.status) !== wasReady) {
    system.log.info(wasReady ? "pod not ready" : "pod ready", { pod: state.known.desired.pod.metadata.name });
    if (!wasReady) options.onTurn("ready");
  }
  if (isOver(state.status) && !wasOver) options.onTurn("over");
  return changed;
}

function isReady(status: PodStatus): boolean {
  return status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;
}

/** Nothing of the pod will run again. */
export function isOver({ phase }: PodStatus): boolean {
  return phase === "Succeeded" || phase === "Failed";
}

/** Regular containers; init containers that are done stay done. */
function restartable(state: PodState): PodState["slots"] {
  const { containers } = state.known.desired.pod.spec;
  return state.slots.filter((slot) => containers.includes(slot.container));
}
