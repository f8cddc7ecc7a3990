import type { PodReport, RunnerEvent } from "../../control/protocol.ts";
import { canonicalJson } from "../../core/json.ts";
import type { PodStatus } from "../../pod/types.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import { podLogDir } from "../container/build-container-spec.ts";
import type { KnownPod } from "../container/container-annotations.ts";
import { type PodContext, record } from "../container/container-context.ts";
import { noteStartProblem, startSlot } from "../container/container-life.ts";
import {
  type ContainerSlot,
  createSlot,
  observeSlot,
  reportSlot,
  runEndOf,
  viewSlot,
} from "../container/container-slot.ts";
import { killSlot, signalSlot } from "../container/container-stop.ts";
import { preparePod } from "../container/start-container.ts";
import { buildPodStatus, DEADLINE_EXCEEDED } from "../status/pod-status.ts";
import { type BackOffSchedule, selectBackOff, withinReach } from "./back-off.ts";
import { closePod } from "./close-pod.ts";
import { type ContainerView, computeActions, type PodActions } from "./compute-actions.ts";
import type { SavedPod } from "./pod-record.ts";
import { restartsAll, shouldRestart } from "./restart-policy.ts";

/** What a worker knows of its pod; only the worker changes it. */
export interface PodState {
  readonly known: KnownPod;
  readonly slots: readonly ContainerSlot[];
  readonly schedule: BackOffSchedule;
  wanted: "run" | "stop";
  /** Once it has ended it is forgotten with its volumes and logs; else the next runner goes on with it. */
  forGood: boolean;
  /** The machine goes down: no container has a longer grace than this. */
  maxGraceSeconds: number | undefined;
  /** Nothing of an adopted pod is started before this, unless its manifest is seen again. */
  heldUntilMs: number;
  /** The pod's volumes have been made. */
  prepared: boolean;
  /** And are there: after a reboot what is in memory has to be made again. */
  mounted: boolean;
  /** activeDeadlineSeconds are over. */
  expired: boolean;
  /** Nothing of it starts any more. */
  over: boolean;
  /** It had not ended when the machine began to go down. */
  disrupted: boolean;
  /** A rule restarts all containers. */
  restartingAll: boolean;
  status: PodStatus;
}

/** Ours: how long an adopted pod waits for its manifest to be read again before it goes on without. */
const HOLD_MS = 10_000;

/** The state in which an earlier runner left a pod; a new pod has no runs. */
export function createPodState(options: {
  readonly nowMs: number;
  readonly known: KnownPod;
  readonly runs: readonly RuntimeContainer[];
  readonly maxRestartPeriodMs: number | undefined;
  readonly saved: SavedPod | undefined;
}): PodState {
  const { known, runs } = options;
  const { pod } = known.desired;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return {
    known,
    slots: containers.map((container) =>
      createSlot(
        container,
        runs.filter((run) => run.spec.containerName === container.name),
      ),
    ),
    schedule: selectBackOff({ pod, maxRestartPeriodMs: options.maxRestartPeriodMs }),
    wanted: "run",
    forGood: true,
    maxGraceSeconds: undefined,
    heldUntilMs: runs.length > 0 ? options.nowMs + HOLD_MS : 0,
    prepared: runs.length > 0,
    mounted: runs.some(({ state }) => state.kind === "running"),
    expired: false,
    over: false,
    disrupted: false,
    restartingAll: false,
    status: options.saved?.status ?? { phase: "Pending" },
  };
}

/** Acts until nothing is left to do for now; tells when to come back, or that the pod has ended. */
export async function syncPod(
  system: System,
  options: { readonly state: PodState; readonly context: PodContext; readonly isClosed: () => boolean },
): Promise<Pick<PodActions, "wakeAtMs" | "ended">> {
  const { state, context } = options;
  while (!options.isClosed()) {
    const actions = computeActions(viewPod(system, state));
    if (actions.expired && !state.expired) noteDeadline(system, { state, context });
    state.expired = actions.expired;
    state.over = actions.over;
    state.restartingAll = actions.restartingAll;
    for (const { name, reason } of actions.kill) {
      const { maxGraceSeconds } = state;
      for (const slot of slotsNamed(state, name))
        killSlot(system, { context, slot, reason, maxGraceSeconds });
    }
    for (const name of actions.signal) {
      for (const slot of slotsNamed(state, name)) signalSlot(system, { context, slot });
    }
    if (actions.reset) resetSlots(state);
    if (actions.kill.length > 0 || actions.reset) continue;
    if (actions.ended) await closePod(system, { ...state, context });
    if (actions.ended || actions.start === undefined) return actions;
    if (state.mounted) {
      for (const slot of slotsNamed(state, actions.start)) {
        if (await startSlot(system, { context, slot })) tellBackOff(system, { state, context, slot });
      }
    } else await prepare(system, { state, context });
  }
  return { wakeAtMs: undefined, ended: false };
}

/** Writes the pod's status anew; true when it has changed. */
export function refreshStatus(
  system: Pick<System, "clock" | "host">,
  options: { readonly state: PodState; readonly nodeIp: string; readonly runtimeName: string },
): boolean {
  const { state } = options;
  const { pod } = state.known.desired;
  const nowMs = system.clock.nowMs();
  const fullName = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const before = canonicalJson(state.status);
  const runs = state.slots.some(({ newest }) => newest?.state.kind === "running");
  state.status = buildPodStatus({
    ...options,
    runnerUser: system.host,
    pod,
    nowMs,
    startedAtMs: state.known.startedAtMs,
    prepared: state.prepared,
    expired: state.expired,
    disrupted: state.disrupted && !runs,
    restartingAll: state.restartingAll,
    containers: new Map(
      state.slots.map((slot) => [
        slot.container.name,
        observeSlot(slot, { fullName, nowMs, nextStartMs: nextStartOf(state, { slot, nowMs }) }),
      ]),
    ),
    previous: state.status,
  });
  return canonicalJson(state.status) !== before;
}

/** The pod as the control socket shows it. */
export function reportPod(system: Pick<System, "clock">, state: PodState): Omit<PodReport, "mirrorProblem"> {
  const nowMs = system.clock.nowMs();
  return {
    pod: { ...state.known.desired.pod, status: state.status },
    origin: state.known.desired.origin,
    terminating: state.wanted === "stop",
    containers: state.slots.map((slot) =>
      reportSlot(slot, { nowMs, nextStartMs: nextStartOf(state, { slot, nowMs }) }),
    ),
  };
}

function viewPod(system: Pick<System, "clock">, state: PodState): Parameters<typeof computeActions>[0] {
  const nowMs = system.clock.nowMs();
  return {
    pod: state.known.desired.pod,
    wanted: state.wanted,
    nowMs,
    deadlineMs: deadlineOf(state.known),
    containers: new Map(state.slots.map((slot) => [slot.container.name, viewHeld(state, { slot, nowMs })])),
  };
}

/** Source: kubelet active_deadline.go pastActiveDeadline. */
function deadlineOf({ desired, startedAtMs }: KnownPod): number | undefined {
  const { activeDeadlineSeconds } = desired.pod.spec;
  return activeDeadlineSeconds === undefined ? undefined : startedAtMs + activeDeadlineSeconds * 1000;
}

/** Source: kubelet active_deadline.go ShouldEvict. */
function noteDeadline(
  system: Pick<System, "log">,
  { state, context }: { readonly state: PodState; readonly context: PodContext },
): void {
  const { name, namespace } = state.known.desired.pod.metadata;
  recordOfPod({ state, context }, { type: "Normal", ...DEADLINE_EXCEEDED });
  system.log.info("pod is over its active deadline", { pod: name, namespace });
}

function recordOfPod(
  { state, context }: { readonly state: PodState; readonly context: PodContext },
  event: Pick<RunnerEvent, "type" | "reason" | "message">,
): void {
  const { name, namespace } = state.known.desired.pod.metadata;
  context.events.record({ ...event, pod: name, namespace, container: undefined });
}

/** All containers begin anew; the back-off of those that caused it holds. */
function resetSlots(state: PodState): void {
  for (const slot of state.slots) {
    const ended = slot.newest?.state.kind === "exited" ? slot.newest.state : undefined;
    if (ended === undefined) continue;
    const isSource = restartsAll(slot.container, runEndOf(slot, ended.exitCode));
    slot.reset = isSource ? "source" : "target";
  }
}

function viewHeld(
  { schedule, heldUntilMs }: PodState,
  { slot, nowMs }: { readonly slot: ContainerSlot; readonly nowMs: number },
): ContainerView {
  const view = viewSlot(slot, { schedule, nowMs });
  const held = withinReach(heldUntilMs, { nowMs, longestMs: HOLD_MS });
  return { ...view, notBeforeMs: Math.max(view.notBeforeMs, held) };
}

/** Tells that a run which has ended will be followed by another only later. Source: kuberuntime_manager.go doBackOff. */
export function tellBackOff(
  system: Pick<System, "clock">,
  options: { readonly state: PodState; readonly context: PodContext; readonly slot: ContainerSlot },
): void {
  const { state, context, slot } = options;
  const nowMs = system.clock.nowMs();
  if (slot.newest?.state.kind !== "exited" || slot.startProblem !== undefined) return;
  if ((nextStartOf(state, { slot, nowMs }) ?? 0) <= nowMs) return;
  const { name, namespace, uid } = context.known.desired.pod.metadata;
  const pod = `${name}_${namespace}(${uid})`;
  const message = `Back-off restarting failed container ${slot.container.name} in pod ${pod}`;
  record({ context, slot }, { type: "Warning", reason: "BackOff", message });
}

/** When a container that should run is started next; undefined for one that runs or has ended for good. */
export function nextStartOf(
  state: PodState,
  { slot, nowMs }: { readonly slot: ContainerSlot; readonly nowMs: number },
): number | undefined {
  const run = slot.newest;
  const { pod } = state.known.desired;
  if (run?.state.kind === "running" || state.wanted === "stop" || state.over) return undefined;
  const { container } = slot;
  const isOver = run !== undefined && slot.reset === undefined && !slot.restartAsked;
  if (isOver && !shouldRestart({ pod, container, end: runEndOf(slot, run.state.exitCode) })) return undefined;
  return viewSlot(slot, { schedule: state.schedule, nowMs }).notBeforeMs;
}

async function prepare(
  system: System,
  options: { readonly state: PodState; readonly context: PodContext },
): Promise<void> {
  const { state, context } = options;
  const { logDirs, kubelet } = context.runner;
  await logDirs.keep(podLogDir(state.known.desired.pod, kubelet));
  const problem = await preparePod(system, context);
  state.prepared = problem === undefined;
  state.mounted = state.prepared;
  if (problem !== undefined) recordOfPod({ state, context }, { type: "Warning", ...problem.event });
  for (const slot of state.slots) {
    if (problem === undefined) slot.retryAtMs = 0;
    else noteStartProblem(system, { context, slot, problem });
  }
}

function slotsNamed(state: PodState, name: string): readonly ContainerSlot[] {
  return state.slots.filter((slot) => slot.container.name === name);
}
