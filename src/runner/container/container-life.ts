import type { RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import { type BackOffSchedule, restartsBefore, startFailureDelayMs } from "../pod/back-off.ts";
import type { ProbeKind } from "../probes/probe-loop.ts";
import { createProber } from "../probes/prober.ts";
import type { StartProblem } from "./build-container-spec.ts";
import { restartsInARowOf } from "./container-annotations.ts";
import { namesOf, record, type SlotOptions } from "./container-context.ts";
import { runSlotHook } from "./container-hooks.ts";
import type { ContainerSlot } from "./container-slot.ts";
import { startContainer } from "./start-container.ts";

/**
 * Starts the next run of a container and watches it; a start that cannot be is noted with the time of the next try.
 * True when the run has ended before its start had returned.
 */
export async function startSlot(
  system: Pick<System, "clock" | "fs" | "host" | "log">,
  options: SlotOptions,
): Promise<boolean> {
  const { context, slot } = options;
  const last = slot.newest;
  const restartsInARow = countRestarts(slot, context.schedule);
  const attempt = last === undefined ? 0 : last.spec.attempt + 1;
  const result = await startContainer(system, {
    ...context,
    container: slot.container,
    attempt,
    restartsInARow,
  });
  if (result.kind === "problem") {
    noteStartProblem(system, { ...options, problem: result });
    record(options, { type: "Warning", reason: "Failed", message: `Error: ${result.message}` });
    return false;
  }
  const outdated = slot.previous;
  slot.previous = last;
  slot.newest = result.run;
  slot.stop = undefined;
  slot.endedFor = undefined;
  slot.wasReady = false;
  slot.hurried = false;
  slot.restartAsked = false;
  slot.reset = undefined;
  slot.startProblem = undefined;
  slot.startFailures = 0;
  slot.retryAtMs = 0;
  record(options, { type: "Normal", reason: "Started", message: "Container started" });
  system.log.info("container started", { ...namesOf(options), attempt });
  const hasEnded = takeEarlyExit(system, options);
  if (hasEnded) slot.postStart = "none";
  else beginRun(system, options);
  if (outdated !== undefined) await context.runner.runtime.remove(outdated.id, { withLog: true });
  return hasEnded;
}

/** How many restarts in a row the next run is. */
function countRestarts(slot: ContainerSlot, schedule: BackOffSchedule): number {
  const { newest, wasReady } = slot;
  const begins = newest?.state.kind !== "exited" || slot.restartAsked || slot.reset === "target";
  if (begins) return 0;
  return (
    restartsBefore(schedule, { ...newest.state, wasReady, restartsInARow: restartsInARowOf(newest) }) + 1
  );
}

/** True when the run has ended before its start had returned. */
function takeEarlyExit(system: Pick<System, "log">, options: SlotOptions): boolean {
  const { context, slot } = options;
  const id = slot.newest?.id ?? "";
  const run = context.earlyExits.get(id) ?? slot.newest;
  context.earlyExits.delete(id);
  if (run?.state.kind !== "exited") return false;
  endSlot(system, { ...options, run });
  return true;
}

/** The postStart hook, then the probes. Source: kuberuntime_container.go startContainer (step 4). */
function beginRun(system: Pick<System, "clock" | "log">, options: SlotOptions): void {
  const { context, slot } = options;
  const handler = slot.container.lifecycle?.postStart;
  if (handler === undefined) {
    slot.postStart = "none";
    watchSlot(system, options);
    return;
  }
  slot.postStart = "running";
  void runSlotHook(options, { handler, timeoutMs: undefined }).then((result) => {
    if (result.kind === "aborted") return;
    slot.postStart = result.kind === "failed" ? "failed" : "none";
    if (result.kind === "failed") notePostStartFailure(system, { ...options, message: result.message });
    else watchSlot(system, options);
    context.wake();
  });
}

function notePostStartFailure(
  system: Pick<System, "log">,
  options: SlotOptions & { readonly message: string },
): void {
  const { slot, message } = options;
  slot.startProblem = { reason: "PostStartHookError", message };
  record(options, { type: "Warning", reason: "FailedPostStartHook", message: "PostStartHook failed" });
  system.log.warn("postStart hook failed", { ...namesOf(options), why: message });
}

/**
 * Starts the probes of a run that lives, from what an earlier runner knew of it. Source: kubelet prober/prober.go probe
 * (texts).
 */
export function watchSlot(
  system: Pick<System, "clock">,
  options: SlotOptions & { readonly known?: { readonly started: boolean; readonly ready: boolean } },
): void {
  const { context, slot } = options;
  const run = slot.newest;
  if (run?.state.kind !== "running") return;
  slot.prober = createProber(system, {
    container: slot.container,
    startedAtMs: run.state.startedAtMs,
    known: options.known ?? { started: false, ready: false },
    run: (probe, signal) =>
      context.probes.run({ probe, container: slot.container, containerId: run.id, signal }),
    onFailure: (kind, { kind: how, message: why }) => {
      const end = how === "failure" ? "failed" : "errored and resulted in unknown state";
      record(options, { type: "Warning", reason: "Unhealthy", message: `${titleOf(kind)} ${end}: ${why}` });
    },
    onWarning: (kind, why) =>
      record(options, {
        type: "Warning",
        reason: "ProbeWarning",
        message: `${titleOf(kind)} warning: ${why}`,
      }),
    onChange: context.wake,
  });
}

/** `Readiness probe` */
function titleOf(kind: ProbeKind): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe`;
}

/** Takes note that a run has ended. */
export function endSlot(
  system: Pick<System, "log">,
  options: SlotOptions & { readonly run: RuntimeContainer },
): void {
  const { slot, run } = options;
  slot.newest = run;
  slot.wasReady = slot.prober?.wasReady() === true;
  const condemned = (["liveness", "startup"] as const).find((kind) => kind === slot.stop?.reason);
  slot.condemnation =
    slot.stop?.reason === "postStart"
      ? `postStart: ${slot.startProblem?.message ?? ""}`
      : condemned && slot.prober?.lastFailure(condemned);
  slot.prober?.close();
  slot.prober = undefined;
  slot.abortHook?.();
  slot.abortHook = undefined;
  slot.postStart = "none";
  if (run.state.kind !== "exited") return;
  if (slot.stop === undefined) recordEnd(options);
  const level = slot.stop !== undefined || run.state.exitCode === 0 ? "info" : "warn";
  slot.endedFor = slot.stop?.reason;
  slot.stop = undefined;
  const { exitCode, signal, reason, message: why } = run.state;
  system.log[level]("container ended", { ...namesOf(options), exitCode, signal, reason, why });
}

/** An end that nobody has asked for. Ours: of one the kubelet's events tell only what it does then. */
export function recordEnd(options: SlotOptions): void {
  const { newest } = options.slot;
  if (newest?.state.kind !== "exited") return;
  const { exitCode, signal, reason } = newest.state;
  const how = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
  const why = reason === "Error" || reason === "Completed" ? "" : ` (${reason})`;
  const type = exitCode === 0 ? "Normal" : "Warning";
  record(options, { type, reason: "Ended", message: `Container ended with ${how}${why}` });
}

/** Notes that a start could not be, and when the next try is due. */
export function noteStartProblem(
  system: Pick<System, "clock" | "log">,
  options: SlotOptions & { readonly problem: StartProblem },
): void {
  const { slot, problem } = options;
  const isNew = slot.startProblem?.message !== problem.message;
  slot.startProblem = { reason: problem.reason, message: problem.message };
  slot.startFailures += 1;
  slot.retryAtMs = system.clock.nowMs() + startFailureDelayMs(slot.startFailures);
  if (isNew) {
    system.log.warn("container cannot start", {
      ...namesOf(options),
      reason: problem.reason,
      why: problem.message,
    });
  }
}
