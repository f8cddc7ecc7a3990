import { NODE_CRITICAL_CLASS, NODE_CRITICAL_PRIORITY } from "../../core/constants.ts";
import type { Pod } from "../../pod/types.ts";

/** When a container that ends again and again may start. */
export interface BackOffSchedule {
  /** Before the first, second, … restart in a row, in ms; the last one is for all that follow. */
  readonly delaysMs: readonly number[];
  /** A run that its probes found ready ends a row: coming up by itself takes long enough. */
  readonly resetWhenReady: boolean;
}

/** A run that has ended. */
export interface EndedRun {
  readonly restartsInARow: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** A startup or readiness probe had found it ready. */
  readonly wasReady: boolean;
}

/** A run longer than this ends a row of restarts. Source: kubelet.go newCrashLoopBackOff (HasExpiredFunc). */
const RESET_AFTER_MS = 600_000;

/** Source: kubelet.go MaxContainerBackOff, initialContainerBackOff. */
const KUBELET_INITIAL_MS = 10_000;
const KUBELET_MAX_MS = 300_000;

/** Ours: a control plane that has lost its etcd for a moment is back within ten seconds of its return. */
const NODE_CRITICAL: BackOffSchedule = { delaysMs: [0, 1000, 2000, 5000, 10_000], resetWhenReady: true };

/** The longest pause after a start that failed. */
export const MAX_START_FAILURE_DELAY_MS = 10_000;

/** Ours: a missing file or program is looked for again soon, for looking costs nothing. */
const START_FAILURE_DELAYS = [1000, 2000, 5000, MAX_START_FAILURE_DELAY_MS];

/** The kubelet's delays with the configured maximum; short ones for node-critical pods when none is configured. */
export function selectBackOff(options: {
  readonly pod: Pod;
  readonly maxRestartPeriodMs: number | undefined;
}): BackOffSchedule {
  const { priority = 0, priorityClassName } = options.pod.spec;
  const isCritical = priorityClassName === NODE_CRITICAL_CLASS || priority >= NODE_CRITICAL_PRIORITY;
  if (isCritical && options.maxRestartPeriodMs === undefined) return NODE_CRITICAL;
  return { delaysMs: doublingDelays(options.maxRestartPeriodMs ?? KUBELET_MAX_MS), resetWhenReady: false };
}

/** How many restarts in a row a run continues: none when it was a good one. */
export function restartsBefore(schedule: BackOffSchedule, run: EndedRun): number {
  const wasLong = run.finishedAtMs - run.startedAtMs > RESET_AFTER_MS;
  return wasLong || (schedule.resetWhenReady && run.wasReady) ? 0 : run.restartsInARow;
}

/** When a container that has ended may start again. Source: kuberuntime_manager.go doBackOff (from the finish time). */
export function nextStartMs(schedule: BackOffSchedule, run: EndedRun & { readonly nowMs: number }): number {
  const delayMs = delayOf(schedule.delaysMs, restartsBefore(schedule, run));
  return withinReach(run.finishedAtMs + delayMs, { nowMs: run.nowMs, longestMs: delayMs });
}

/**
 * A time to wait for, or now when it is further away than it was when the waiting began: then the machine's clock was
 * put back meanwhile, and nobody is to wait for hours.
 */
export function withinReach(
  atMs: number,
  { nowMs, longestMs }: { readonly nowMs: number; readonly longestMs: number },
): number {
  return atMs - nowMs > longestMs ? nowMs : atMs;
}

/** The pause after the `failures`-th attempt (from 1) that did not even start, in ms. */
export function startFailureDelayMs(failures: number): number {
  return delayOf(START_FAILURE_DELAYS, failures - 1);
}

function doublingDelays(maxMs: number): readonly number[] {
  const delays = [0];
  for (let delay = Math.min(KUBELET_INITIAL_MS, maxMs); delay < maxMs; delay *= 2) delays.push(delay);
  return [...delays, maxMs];
}

function delayOf(delaysMs: readonly number[], index: number): number {
  return delaysMs[Math.min(index, delaysMs.length - 1)] ?? 0;
}
