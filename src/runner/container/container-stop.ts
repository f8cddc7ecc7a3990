import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import type { KillReason } from "../pod/compute-actions.ts";
import { shouldRestart } from "../pod/restart-policy.ts";
import { namesOf, record, type SlotOptions } from "./container-context.ts";
import { runSlotHook } from "./container-hooks.ts";
import type { SlotStop } from "./container-slot.ts";

/** The least time between the stop signal and SIGKILL. Source: kuberuntime_container.go minimumGracePeriodInSeconds. */
const MIN_GRACE_SECONDS = 2;

/** Ours: a stop that the runtime refused is tried again after this. */
const STOP_RETRY_MS = 10_000;

/**
 * Begins to end a run: its preStop hook runs within the grace, the stop signal follows (`signalSlot`). For one whose
 * end has begun the rest of its grace is shortened.
 */
export function killSlot(
  system: Pick<System, "clock" | "log">,
  options: SlotOptions & { readonly reason: KillReason; readonly maxGraceSeconds?: number | undefined },
): void {
  const { slot, reason, maxGraceSeconds = Number.POSITIVE_INFINITY } = options;
  if (slot.newest?.state.kind !== "running") return;
  const graceSeconds = Math.min(graceOf(options), maxGraceSeconds);
  const deadlineMs = system.clock.nowMs() + graceSeconds * 1000;
  const begun = slot.stop;
  if (begun !== undefined) {
    slot.stop = { ...begun, deadlineMs: Math.min(begun.deadlineMs, deadlineMs) };
    if (begun.signalled) signalSlot(system, options);
    return;
  }
  slot.abortHook?.();
  slot.prober?.close();
  slot.stop = { reason, deadlineMs, hookDone: false, signalled: false };
  record(options, { type: "Normal", reason: "Killing", message: describeKill(options) });
  system.log.info("stopping container", { ...namesOf(options), reason, graceSeconds });
  runPreStop(system, { ...options, graceSeconds });
}

/**
 * Goes on with the end of a run that an earlier runner began: with the rest of its grace, the preStop hook once more
 * if it was not done, and no second stop signal.
 */
export function resumeStop(
  system: Pick<System, "clock" | "log">,
  options: SlotOptions & { readonly begun: SlotStop },
): void {
  const { slot, begun } = options;
  if (slot.newest?.state.kind !== "running") return;
  slot.prober?.close();
  const nowMs = system.clock.nowMs();
  // Where the clock was put back meanwhile, its grace begins anew.
  const longestMs = graceOf({ ...options, reason: begun.reason }) * 1000;
  const deadlineMs = Math.min(begun.deadlineMs, nowMs + longestMs);
  slot.stop = { ...begun, deadlineMs, signalled: false, resumed: begun.signalled || begun.resumed === true };
  const graceSeconds = Math.max(0, (deadlineMs - nowMs) / 1000);
  system.log.info("going on to stop container", { ...namesOf(options), reason: begun.reason, graceSeconds });
  if (!begun.hookDone) runPreStop(system, { ...options, graceSeconds });
}

/** Runs the preStop hook, if there is one and a grace for it; the stop signal waits for its end. */
function runPreStop(
  system: Pick<System, "log">,
  options: SlotOptions & { readonly graceSeconds: number },
): void {
  const { context, slot, graceSeconds } = options;
  const handler = graceSeconds > 0 ? slot.container.lifecycle?.preStop : undefined;
  if (handler === undefined) {
    if (slot.stop !== undefined) slot.stop = { ...slot.stop, hookDone: true };
    return;
  }
  void runSlotHook(options, { handler, timeoutMs: graceSeconds * 1000 }).then((result) => {
    if (result.kind === "aborted" || slot.stop === undefined) return;
    slot.stop = { ...slot.stop, hookDone: true };
    if (result.kind === "failed") notePreStopFailure(system, { ...options, message: result.message });
    context.wake();
  });
}

function notePreStopFailure(
  system: Pick<System, "log">,
  options: SlotOptions & { readonly message: string },
): void {
  record(options, { type: "Warning", reason: "FailedPreStopHook", message: "PreStopHook failed" });
  system.log.warn("preStop hook failed", { ...namesOf(options), why: options.message });
}

/** Sends the stop signal with what is left of the grace; the runtime tells when the run has ended. */
export function signalSlot(system: Pick<System, "clock" | "log">, options: SlotOptions): void {
  const { context, slot } = options;
  const run = slot.newest;
  if (run?.state.kind !== "running" || slot.stop === undefined) return;
  slot.stop = { ...slot.stop, signalled: true };
  const signalSent = slot.stop.resumed === true;
  const leftSeconds = (slot.stop.deadlineMs - system.clock.nowMs()) / 1000;
  const graceSeconds = Math.max(signalSent ? 0 : MIN_GRACE_SECONDS, leftSeconds);
  context.runner.runtime.stop(run.id, { graceSeconds, signalSent }).catch((error: unknown) => {
    system.log.error("stopping a container failed", { ...namesOf(options), error: messageOf(error) });
    system.clock.after(STOP_RETRY_MS, () => {
      if (slot.stop !== undefined) slot.stop = { ...slot.stop, signalled: false };
      context.wake();
    });
  });
}

/** Source: kuberuntime_manager.go computePodActions, kuberuntime_container.go killContainer (texts). */
function describeKill(options: SlotOptions & { readonly reason: KillReason }): string {
  const { reason, slot } = options;
  const { container } = slot;
  if (reason === "postStart") return "FailedPostStartHook";
  if (reason === "stop") return `Stopping container ${container.name}`;
  if (reason === "restartAll") return `Container ${container.name} is restarted with all others of its pod`;
  if (reason === "restart") return `Container ${container.name} will be restarted on request`;
  const { pod } = options.context.known.desired;
  const restarts = shouldRestart({ pod, container, end: { exitCode: 0, condemned: true } });
  return `Container ${container.name} failed ${reason} probe${restarts ? ", will be restarted" : ""}`;
}

/** Source: kuberuntime_container.go setTerminationGracePeriod (a probe's own grace wins over the pod's). */
function graceOf(options: SlotOptions & { readonly reason: KillReason }): number {
  const { context, slot, reason } = options;
  const { livenessProbe, startupProbe } = slot.container;
  const { terminationGracePeriodSeconds } = context.known.desired.pod.spec;
  // All containers of a pod that starts anew get the least. Source: kuberuntime_manager.go SyncPod (ContainersToReset).
  if (reason === "restartAll") return 0;
  const probe = reason === "liveness" ? livenessProbe : reason === "startup" ? startupProbe : undefined;
  return probe?.terminationGracePeriodSeconds ?? terminationGracePeriodSeconds;
}
