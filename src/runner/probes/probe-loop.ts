import type { Probe } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import {
  applyProbeResult,
  INITIAL_PROBE_STATE,
  type ProbeOutcome,
  type ProbeState,
} from "./apply-probe-result.ts";

/** What a probe is for. */
export type ProbeKind = "startup" | "readiness" | "liveness";

/** A probe that is repeated until it is closed. */
export interface ProbeLoop {
  state(): ProbeState;
  close(): void;
}

/** Ours: between two looks at a container that has yet to succeed, and how long after its start we look so often. */
const QUICK_INTERVAL_MS = 100;
const QUICK_EXEC_INTERVAL_MS = 1000;
const QUICK_UNTIL_MS = 120_000;

/** A tick that comes a little early still counts. */
const FULL_PERIOD = 0.95;

/**
 * Runs one probe of one container again and again. A startup or readiness probe looks often until its first success, so
 * that a container counts as ready when it is. A failure counts once a period and not within the initial delay; a
 * success always counts. A startup probe ends
 * with its first result, a liveness probe when it has failed for good.
 * Source: kubelet prober/worker.go, but for the quick looks.
 */
export function createProbeLoop(
  system: Pick<System, "clock">,
  options: {
    readonly kind: ProbeKind;
    readonly probe: Probe;
    readonly startedAtMs: number;
    /** An earlier runner had found it a success. */
    readonly isKnownGood: boolean;
    readonly run: (signal: AbortSignal) => Promise<ProbeOutcome>;
    /** Called for each outcome that counts, and once a period for a probe that cannot be carried out. */
    readonly onOutcome: (outcome: ProbeOutcome, state: ProbeState) => void;
  },
): ProbeLoop {
  const { kind, probe } = options;
  const nowMs = system.clock.monotonicMs;
  // Wall time is asked once, for it may be put forward or back at any moment.
  const startedAtMs = nowMs() - Math.max(0, system.clock.nowMs() - options.startedAtMs);
  const periodMs = probe.periodSeconds * 1000;
  const closing = new AbortController();
  let state: ProbeState = { ...INITIAL_PROBE_STATE, ...(options.isKnownGood ? { result: "success" } : {}) };
  let failuresCountFromMs = startedAtMs + (probe.initialDelaySeconds ?? 0) * 1000;
  let hasSucceeded = options.isKnownGood;
  let cancelTimer: (() => void) | undefined;

  const schedule = (delayMs: number): void => {
    cancelTimer = system.clock.after(delayMs, () => void tick());
  };
  const tick = async (): Promise<void> => {
    const tickedAtMs = nowMs();
    const outcome = await options.run(closing.signal);
    if (closing.signal.aborted) return;
    take(outcome);
    if (isOver()) return;
    const spentMs = nowMs() - tickedAtMs;
    schedule(Math.max(0, nextDelayMs(tickedAtMs) - spentMs));
  };
  /** A startup probe has done its work with its first result; a liveness probe, once it has failed. */
  const isOver = (): boolean =>
    kind !== "readiness" &&
    (state.result === "failure" || (kind === "startup" && state.result === "success"));
  const take = (outcome: ProbeOutcome): void => {
    if (outcome.kind !== "success" && nowMs() < failuresCountFromMs) return;
    failuresCountFromMs = Math.max(failuresCountFromMs, nowMs() + periodMs * FULL_PERIOD);
    hasSucceeded ||= outcome.kind === "success";
    if (outcome.kind !== "error") state = applyProbeResult(state, { ...probe, outcome: outcome.kind });
    options.onOutcome(outcome, state);
  };
  const nextDelayMs = (atMs: number): number => {
    const isQuick = kind !== "liveness" && !hasSucceeded && atMs - startedAtMs < QUICK_UNTIL_MS;
    const quickMs = probe.exec === undefined ? QUICK_INTERVAL_MS : QUICK_EXEC_INTERVAL_MS;
    return isQuick ? Math.min(quickMs, periodMs) : periodMs;
  };

  schedule(kind === "liveness" ? Math.max(0, failuresCountFromMs - nowMs()) : 0);
  return {
    state: () => state,
    close: () => {
      closing.abort();
      cancelTimer?.();
    },
  };
}
