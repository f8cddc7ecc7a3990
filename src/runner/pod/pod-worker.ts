import { isDeepStrictEqual } from "node:util";
import type { PodReport } from "../../control/protocol.ts";
import type { PodStatus } from "../../pod/types.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { KnownPod } from "../container/container-annotations.ts";
import type { PodContext } from "../container/container-context.ts";
import { endSlot, recordEnd, watchSlot } from "../container/container-life.ts";
import { killSlot, resumeStop } from "../container/container-stop.ts";
import type { HookRunner } from "../container/run-hook.ts";
import type { StartOptions } from "../container/start-container.ts";
import { isProbed } from "../probes/prober.ts";
import type { ProbeRunner } from "../probes/run-probe.ts";
import type { EventRecorder } from "../types.ts";
import { createWakeLoop } from "../wake-loop.ts";
import { createPodRecord, type SavedPod } from "./pod-record.ts";
import { createPodState, type PodState, refreshStatus, reportPod, syncPod, tellBackOff } from "./sync-pod.ts";

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
  /**
   * Ends the pod gracefully and forgets it; resolves when that is done. With `shutdown` the machine goes down: the pod
   * has no longer than this grace, its last report says so, and the next runner goes on with it.
   */
  stop(shutdown?: ShutdownOptions): Promise<void>;
  /** Ends all containers; they start again at once, whatever the policy and the back-off. */
  restart(): void;
  /** What the pod depends on is back: nothing of it waits for its back-off. */
  hurry(): void;
  /** The runtime says that a container of this pod has ended. */
  exited(run: RuntimeContainer): void;
  /** Stops watching. The pod goes on. */
  close(): Promise<void>;
}

/** How a pod is ended when its machine goes down. */
export interface ShutdownOptions {
  /** Undefined: its own grace. */
  readonly maxGraceSeconds: number | undefined;
}

/** What a worker is made from. */
export interface WorkerOptions {
  readonly known: KnownPod;
  /** The runs that an earlier runner left, running or not. */
  readonly runs: readonly RuntimeContainer[];
  /** What an earlier runner saved. */
  readonly saved: SavedPod | undefined;
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
  let savedStops = options.saved?.stops ?? {};
  const loop = createWakeLoop(system, async () => {
    const next = await syncPod(system, { state, context, isClosed: loop.isClosed });
    const changed = refresh(system, { ...options, state });
    const stops = listStops(state);
    if (changed || next.ended || !isDeepStrictEqual(stops, savedStops))
      context.record.save({ status: state.status, stops, ...(next.ended ? { stopped: true } : {}) });
    savedStops = stops;
    if (next.ended) await context.record.close();
    if (changed) options.onChange();
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
  takeUpRuns(system, { ...options, state, context });
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
    stop: (shutdown) => {
      beginStop(system, { state, context, shutdown });
      return loop.ended;
    },
    restart: () => {
      askRestart(state);
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

/** What is ending already has no longer than the limit, either, and is forgotten if it was to be. */
function beginStop(
  system: Pick<System, "clock" | "log">,
  options: {
    readonly state: PodState;
    readonly context: PodContext;
    readonly shutdown: ShutdownOptions | undefined;
  },
): void {
  const { state, context, shutdown } = options;
  if (state.wanted === "run") state.forGood = shutdown === undefined;
  state.wanted = "stop";
  if (shutdown !== undefined) state.disrupted = !isOver(state.status);
  const maxGraceSeconds = shutdown?.maxGraceSeconds;
  if (maxGraceSeconds !== undefined) {
    state.maxGraceSeconds = maxGraceSeconds;
    for (const slot of state.slots) {
      if (slot.stop !== undefined)
        killSlot(system, { context, slot, reason: slot.stop.reason, maxGraceSeconds });
    }
  }
  context.wake();
}

/** Watches what an earlier runner left, and goes on to end what it had begun to end. */
function takeUpRuns(
  system: Pick<System, "clock" | "log">,
  options: Pick<WorkerOptions, "saved" | "runner"> & {
    readonly state: PodState;
    readonly context: PodContext;
  },
): void {
  const { state, context, saved } = options;
  for (const slot of state.slots) {
    const known = findKnown(slot, options);
    // One that has ended meanwhile, perhaps with the machine, begins no row of restarts if it had been ready.
    slot.wasReady = isProbed(slot.container) && known.ready;
    slot.hurried = endedWithRunner(slot, saved);
    watchSlot(system, { context, slot, known });
    const begun = saved?.stops[slot.newest?.id ?? ""];
    if (known.running && begun === undefined) recordEnd({ context, slot });
    if (begun !== undefined) resumeStop(system, { context, slot, begun });
  }
}

/** It was stopped as the machine went down, or nobody was there to see its end: it does not wait for its back-off. */
function endedWithRunner({ newest }: PodState["slots"][number], saved: SavedPod | undefined): boolean {
  if (newest?.state.kind !== "exited") return false;
  return saved?.stopped === true || newest.state.reason === "ContainerStatusUnknown";
}

/** The ends that have begun, by the run's ID. */
function listStops({ slots }: PodState): SavedPod["stops"] {
  return Object.fromEntries(
    slots.flatMap(({ newest, stop }) =>
      newest === undefined || stop === undefined ? [] : [[newest.id, stop] as const],
    ),
  );
}

/** What the earlier runner had found out about the newest run. */
function findKnown(
  slot: PodState["slots"][number],
  { saved, runner }: Pick<WorkerOptions, "saved" | "runner">,
): { readonly running: boolean; readonly started: boolean; readonly ready: boolean } {
  const { initContainerStatuses = [], containerStatuses = [] } = saved?.status ?? {};
  const id = `${runner.runtime.name}://${slot.newest?.id}`;
  const status = [...initContainerStatuses, ...containerStatuses].find(
    ({ containerID }) => containerID === id,
  );
  const running = status?.state?.running !== undefined;
  return { running, started: status?.started === true, ready: status?.ready === true };
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
  tellBackOff(system, { state, context, slot });
}

/** Writes the status anew and logs when the pod became ready or ceased to be. */
function refresh(
  system: Pick<System, "clock" | "host" | "log">,
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
function askRestart(state: PodState): void {
  const { containers } = state.known.desired.pod.spec;
  for (const slot of state.slots.filter(({ container }) => containers.includes(container))) {
    slot.restartAsked = true;
    slot.retryAtMs = 0;
  }
}
