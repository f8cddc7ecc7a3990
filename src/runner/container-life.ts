import { messageOf } from "../core/errors.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import { restartsBefore, startFailureDelayMs } from "./back-off.ts";
import type { StartProblem } from "./build-container-spec.ts";
import type { KillReason } from "./compute-actions.ts";
import { type KnownPod, restartsInARowOf } from "./container-annotations.ts";
import type { ContainerSlot } from "./container-slot.ts";
import { createProber } from "./probes/prober.ts";
import type { ProbeRunner } from "./probes/run-probe.ts";
import { type StartOptions, startContainer } from "./start-container.ts";
import type { EventRecorder } from "./types.ts";

/** What the containers of one pod share. */
export interface PodContext {
  readonly known: KnownPod;
  readonly runner: StartOptions;
  readonly probes: ProbeRunner;
  readonly events: EventRecorder;
  /** Something has happened: compare again what is with what should be. */
  readonly wake: () => void;
  /** Ends that were told before the start had returned, by container ID. */
  readonly earlyExits: Map<string, RuntimeContainer>;
}

/** A container of that context. */
export interface SlotOptions {
  readonly context: PodContext;
  readonly slot: ContainerSlot;
}

/** The least time between the stop signal and SIGKILL. Source: kuberuntime_container.go minimumGracePeriodInSeconds. */
const MIN_GRACE_SECONDS = 2;

/** Ours: a stop that the runtime refused is tried again after this. */
const STOP_RETRY_MS = 10_000;

/** Starts the next run of a container and watches it; a start that cannot be is noted with the time of the next try. */
export async function startSlot(
  system: Pick<System, "clock" | "host" | "log">,
  options: SlotOptions,
): Promise<void> {
  const { context, slot } = options;
  const last = slot.newest;
  const restartsInARow =
    last?.state.kind !== "exited" || slot.restartAsked
      ? 0
      : restartsBefore({ ...last.state, restartsInARow: restartsInARowOf(last) }) + 1;
  const attempt = last === undefined ? 0 : last.spec.attempt + 1;
  const result = await startContainer(system, {
    ...context,
    container: slot.container,
    attempt,
    restartsInARow,
  });
  if (result.kind === "problem") {
    noteStartProblem(system, { ...options, problem: result });
    return;
  }
  const outdated = slot.previous;
  slot.previous = last;
  slot.newest = result.run;
  slot.stopping = false;
  slot.restartAsked = false;
  slot.startProblem = undefined;
  slot.startFailures = 0;
  slot.retryAtMs = 0;
  record(options, { type: "Normal", reason: "Started", message: "Container started" });
  system.log.info("container started", { ...namesOf(options), attempt });
  watchSlot(system, options);
  takeEarlyExit(system, options);
  if (outdated !== undefined) await context.runner.runtime.remove(outdated.id);
}

function takeEarlyExit(system: Pick<System, "log">, options: SlotOptions): void {
  const { context, slot } = options;
  const id = slot.newest?.id ?? "";
  const run = context.earlyExits.get(id) ?? slot.newest;
  context.earlyExits.delete(id);
  if (run?.state.kind === "exited") endSlot(system, { ...options, run });
}

/** Starts the probes of a run that lives. */
export function watchSlot(system: Pick<System, "clock">, options: SlotOptions): void {
  const { context, slot } = options;
  const run = slot.newest;
  if (run?.state.kind !== "running") return;
  slot.prober = createProber(system, {
    container: slot.container,
    startedAtMs: run.state.startedAtMs,
    run: (probe, signal) =>
      context.probes.run({ probe, container: slot.container, containerId: run.id, signal }),
    onFailure: (kind, message) => {
      const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} probe failed: ${message}`;
      record(options, { type: "Warning", reason: "Unhealthy", message: title });
    },
    onWarning: (message) => record(options, { type: "Warning", reason: "ProbeWarning", message }),
    onChange: context.wake,
  });
}

/** Begins to end a run; the runtime tells when it has ended. */
export function killSlot(
  system: Pick<System, "clock" | "log">,
  options: SlotOptions & { readonly reason: KillReason },
): void {
  const { context, slot, reason } = options;
  const run = slot.newest;
  if (run?.state.kind !== "running") return;
  slot.stopping = true;
  slot.prober?.close();
  const graceSeconds = Math.max(MIN_GRACE_SECONDS, graceOf(options));
  record(options, { type: "Normal", reason: "Killing", message: KILL_MESSAGES[reason](slot.container.name) });
  system.log.info("stopping container", { ...namesOf(options), reason, graceSeconds });
  context.runner.runtime.stop(run.id, { graceSeconds }).catch((error: unknown) => {
    system.log.error("stopping a container failed", { ...namesOf(options), error: messageOf(error) });
    system.clock.after(STOP_RETRY_MS, () => {
      slot.stopping = false;
      context.wake();
    });
  });
}

/** Takes note that a run has ended. */
export function endSlot(
  system: Pick<System, "log">,
  options: SlotOptions & { readonly run: RuntimeContainer },
): void {
  const { slot, run } = options;
  slot.newest = run;
  slot.prober?.close();
  slot.prober = undefined;
  if (run.state.kind !== "exited") return;
  const level = slot.stopping || run.state.exitCode === 0 ? "info" : "warn";
  slot.stopping = false;
  const { exitCode, signal, reason, message } = run.state;
  system.log[level]("container ended", { ...namesOf(options), exitCode, signal, reason, message });
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
  record(options, { type: "Warning", reason: "Failed", message: `Error: ${problem.message}` });
  if (isNew) {
    system.log.warn("container cannot start", {
      ...namesOf(options),
      reason: problem.reason,
      why: problem.message,
    });
  }
}

/** Records an event about a container. */
export function record(
  options: SlotOptions,
  event: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string },
): void {
  const { name, namespace } = options.context.known.desired.pod.metadata;
  options.context.events.record({ ...event, pod: name, namespace, container: options.slot.container.name });
}

const KILL_MESSAGES: Readonly<Record<KillReason, (container: string) => string>> = {
  stop: (container) => `Stopping container ${container}`,
  restart: (container) => `Container ${container} will be restarted on request`,
  liveness: (container) => `Container ${container} failed liveness probe, will be restarted`,
  startup: (container) => `Container ${container} failed startup probe, will be restarted`,
};

/** Source: kuberuntime_container.go setTerminationGracePeriod (a probe's own grace wins over the pod's). */
function graceOf(options: SlotOptions & { readonly reason: KillReason }): number {
  const { context, slot, reason } = options;
  const { livenessProbe, startupProbe } = slot.container;
  const probes = { liveness: livenessProbe, startup: startupProbe, stop: undefined, restart: undefined };
  const { terminationGracePeriodSeconds } = context.known.desired.pod.spec;
  return probes[reason]?.terminationGracePeriodSeconds ?? terminationGracePeriodSeconds;
}

function namesOf(options: SlotOptions): { readonly pod: string; readonly container: string } {
  return { pod: options.context.known.desired.pod.metadata.name, container: options.slot.container.name };
}
