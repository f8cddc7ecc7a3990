import type { ContainerReport } from "../../control/protocol.ts";
import type { Container } from "../../pod/types.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";
import {
  type BackOffSchedule,
  MAX_START_FAILURE_DELAY_MS,
  nextStartMs,
  withinReach,
} from "../pod/back-off.ts";
import type { ContainerView, KillReason, StopView } from "../pod/compute-actions.ts";
import type { RunEnd } from "../pod/restart-policy.ts";
import type { Prober } from "../probes/prober.ts";
import type { ContainerObservation } from "../status/pod-status.ts";
import type { StartProblem } from "./build-container-spec.ts";
import { restartsInARowOf } from "./container-annotations.ts";

/** The end of a run that has begun. */
export interface SlotStop extends StopView {
  readonly reason: KillReason;
  /** An earlier runner has sent the stop signal: a second one means something else to many programs. */
  readonly resumed?: boolean;
}

/**
 * What a worker knows of one container of its pod. The worker alone changes it.
 *
 *     newest: none ──start──▶ running ──exit──▶ exited ──start──▶ running (attempt + 1; the old one is `previous`)
 *     stop:   none ──kill──▶ preStop hook ──▶ waits for its turn ──▶ signalled ──exit──▶ none
 */
export interface ContainerSlot {
  readonly container: Container;
  newest: RuntimeContainer | undefined;
  previous: RuntimeContainer | undefined;
  prober: Prober | undefined;
  /** How far the end of the newest run has come. */
  stop: SlotStop | undefined;
  /** A startup or readiness probe had found the newest run ready. */
  wasReady: boolean;
  /** What it waits for is back: its back-off does not count. */
  hurried: boolean;
  /** Why the newest run was ended; undefined when it ended by itself. */
  endedFor: KillReason | undefined;
  /** `liveness: connection refused`: what the probe last said that condemned the run that ended last. */
  condemnation: string | undefined;
  postStart: "none" | "running" | "failed";
  /** Ends the hook that runs, and what else belongs to the newest run only. */
  abortHook: (() => void) | undefined;
  restartAsked: boolean;
  /**
   * The pod starts anew: the newest run counts as none. `source`: its exit was the cause, and its back-off holds.
   * `target`: it starts without one.
   */
  reset: "source" | "target" | undefined;
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
    stop: undefined,
    wasReady: false,
    hurried: false,
    endedFor: undefined,
    condemnation: undefined,
    postStart: "none",
    abortHook: undefined,
    restartAsked: false,
    reset: undefined,
    startProblem: undefined,
    startFailures: 0,
    retryAtMs: 0,
  };
}

/** The slot as `computeActions` wants it. */
export function viewSlot(
  slot: ContainerSlot,
  options: { readonly schedule: BackOffSchedule; readonly nowMs: number },
): ContainerView {
  const { nowMs } = options;
  const retryAtMs = withinReach(slot.retryAtMs, { nowMs, longestMs: MAX_START_FAILURE_DELAY_MS });
  return {
    name: slot.container.name,
    state: viewState(slot),
    starting: slot.postStart === "running" && slot.newest?.state.kind === "running",
    started: slot.prober?.isStarted() === true,
    notBeforeMs: Math.max(retryAtMs, backOffEndMs(slot, options) ?? 0),
    killFor: slot.prober?.failed() ?? askedFor(slot),
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
    end: newest?.state.kind === "exited" ? runEndOf(slot, newest.state.exitCode) : undefined,
    waiting: willStart(slot, pod) ? (startProblem ?? describeBackOff(slot, pod)) : undefined,
    ready: slot.stop === undefined && prober?.isReady() === true,
    started: prober?.isStarted() === true,
  };
}

/** A container that has ended for good waits for nothing. */
function willStart(slot: ContainerSlot, pod: { readonly nextStartMs: number | undefined }): boolean {
  return slot.newest === undefined || pod.nextStartMs !== undefined;
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
    stopping: slot.stop !== undefined,
    logPath: newest?.spec.logPath,
    previousLogPath: previous?.spec.logPath,
    lastProbeFailure: prober?.lastFailure(),
    ...(slot.condemnation === undefined ? {} : { condemnation: slot.condemnation }),
    nextStartAt: due !== undefined && due > options.nowMs ? new Date(due).toISOString() : undefined,
  };
}

function askedFor(slot: ContainerSlot): "postStart" | "restart" | undefined {
  if (slot.postStart === "failed") return "postStart";
  return slot.restartAsked ? "restart" : undefined;
}

/** How the newest run ended, for the decision about the next. */
export function runEndOf(slot: ContainerSlot, exitCode: number): RunEnd {
  return { exitCode, condemned: slot.endedFor === "liveness" || slot.endedFor === "startup" };
}

function viewState(slot: ContainerSlot): ContainerView["state"] {
  const state = slot.newest?.state;
  if (state === undefined || (state.kind === "exited" && slot.reset !== undefined)) return { kind: "absent" };
  return state.kind === "running"
    ? { kind: "running", stop: slot.stop }
    : { kind: "exited", ...runEndOf(slot, state.exitCode) };
}

function backOffEndMs(
  slot: ContainerSlot,
  { schedule, nowMs }: { readonly schedule: BackOffSchedule; readonly nowMs: number },
): number | undefined {
  const { newest } = slot;
  if (newest?.state.kind !== "exited" || slot.restartAsked || slot.reset === "target" || slot.hurried) {
    return undefined;
  }
  const { wasReady } = slot;
  const restartsInARow = restartsInARowOf(newest);
  return nextStartMs(schedule, { ...newest.state, wasReady, restartsInARow, nowMs });
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
