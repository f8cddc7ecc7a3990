import type { ContainerReport } from "../control/protocol.ts";
import { formatRfc3339 } from "../core/rfc3339.ts";
import type { Container } from "../pod/types.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import { type BackOffSchedule, nextStartMs } from "./back-off.ts";
import type { StartProblem } from "./build-container-spec.ts";
import type { ContainerView } from "./compute-actions.ts";
import { restartsInARowOf } from "./container-annotations.ts";
import type { ContainerObservation } from "./pod-status.ts";
import type { Prober } from "./probes/prober.ts";

/**
 * What a worker knows of one container of its pod. The worker alone changes it.
 *
 *     newest: none ──start──▶ running ──exit──▶ exited ──start──▶ running (attempt + 1; the old one is `previous`)
 */
export interface ContainerSlot {
  readonly container: Container;
  newest: RuntimeContainer | undefined;
  previous: RuntimeContainer | undefined;
  prober: Prober | undefined;
  /** The newest run is being ended. */
  stopping: boolean;
  restartAsked: boolean;
  /** The last start that failed before anything ran, and how many such in a row. */
  startProblem: StartProblem | undefined;
  startFailures: number;
  /** When the next try after such a failure is due. */
  retryAtMs: number;
}

/** A slot with the newest two of the runs that an earlier runner left. */
export function createSlot(container: Container, runs: readonly RuntimeContainer[]): ContainerSlot {
  const newestFirst = runs.toSorted((left, right) => right.spec.attempt - left.spec.attempt);
  return {
    container,
    newest: newestFirst[0],
    previous: newestFirst[1],
    prober: undefined,
    stopping: false,
    restartAsked: false,
    startProblem: undefined,
    startFailures: 0,
    retryAtMs: 0,
  };
}

/** The slot as `computeActions` wants it. */
export function viewSlot(slot: ContainerSlot, schedule: BackOffSchedule): ContainerView {
  return {
    name: slot.container.name,
    state: viewState(slot),
    started: slot.prober?.isStarted() === true,
    notBeforeMs: Math.max(slot.retryAtMs, backOffEndMs(slot, schedule) ?? 0),
    killFor: slot.prober?.failed() ?? (slot.restartAsked ? "restart" : undefined),
    restartAsked: slot.restartAsked,
  };
}

/** The slot as the status wants it; what waits for its back-off says so. */
export function observeSlot(
  slot: ContainerSlot,
  pod: { readonly fullName: string; readonly nextStartMs: number | undefined; readonly nowMs: number },
): ContainerObservation {
  const { newest, previous, prober, startProblem } = slot;
  return {
    newest,
    previous,
    waiting: startProblem ?? describeBackOff(slot, pod),
    ready: !slot.stopping && prober?.isReady() === true,
    started: prober?.isStarted() === true,
  };
}

/** What the status does not say. */
export function reportSlot(
  slot: ContainerSlot,
  options: { readonly nextStartMs: number | undefined; readonly nowMs: number },
): ContainerReport {
  const { newest, previous, prober } = slot;
  const due = options.nextStartMs;
  return {
    name: slot.container.name,
    pid: newest?.state.kind === "running" ? newest.state.pid : undefined,
    stopping: slot.stopping,
    logPath: newest?.spec.logPath,
    previousLogPath: previous?.spec.logPath,
    lastProbeFailure: prober?.lastFailure(),
    nextStartAt: due !== undefined && due > options.nowMs ? formatRfc3339(due) : undefined,
  };
}

function viewState(slot: ContainerSlot): ContainerView["state"] {
  const state = slot.newest?.state;
  if (state === undefined) return { kind: "absent" };
  return state.kind === "running"
    ? { kind: "running", stopping: slot.stopping }
    : { kind: "exited", exitCode: state.exitCode };
}

function backOffEndMs(slot: ContainerSlot, schedule: BackOffSchedule): number | undefined {
  const { newest } = slot;
  if (newest?.state.kind !== "exited" || slot.restartAsked) return undefined;
  return nextStartMs(schedule, { ...newest.state, restartsInARow: restartsInARowOf(newest) });
}

/** Source: kuberuntime_manager.go doBackOff (reason and message). */
function describeBackOff(
  slot: ContainerSlot,
  pod: { readonly fullName: string; readonly nextStartMs: number | undefined; readonly nowMs: number },
): StartProblem | undefined {
  const { newest } = slot;
  if (newest?.state.kind !== "exited" || pod.nextStartMs === undefined || pod.nextStartMs <= pod.nowMs) {
    return undefined;
  }
  const seconds = Math.round((pod.nextStartMs - newest.state.finishedAtMs) / 1000);
  return {
    reason: "CrashLoopBackOff",
    message: `back-off ${seconds}s restarting failed container=${slot.container.name} pod=${pod.fullName}`,
  };
}
