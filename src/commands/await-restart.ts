import { findStatus, isReady } from "../apply/container-subject.ts";
import type { ControlClient } from "../control/control-client.ts";
import type { PodReport } from "../control/protocol.ts";
import type { System } from "../system/system.ts";
import type { Ui } from "./ui.ts";

/** How often the runner is asked for its pods, all of which it tells: a person notices no sooner. */
export const POLL_MS = 250;

/** What comes after the grace: the kill, and a start that a busy machine takes its time for. */
const START_MS = 10_000;

/** How long a pod that was ready may take to be so again: kube-apiserver takes 2 to 15 s. Ours. */
const READY_MS = 60_000;

/** Said before a restart: an API server with clients that watch it takes much of its grace. */
export function describeWait(reports: readonly (PodReport | undefined)[]): string {
  const seconds = Math.max(...reports.map(graceOf));
  return `a pod is told to end first, and killed where that takes longer than ${seconds} s`;
}

/** What a restart waits for now, and for how long at most. */
export function describeRestart(report: PodReport | undefined, name: string): string {
  const stopping = report?.containers.some((container) => container.stopping) ?? false;
  return stopping
    ? `${name} has been told to end; it is killed after ${graceOf(report)} s at most`
    : `${name} starts`;
}

/** Seconds that a pod may take to end. */
function graceOf(report: PodReport | undefined): number {
  return report?.pod.spec.terminationGracePeriodSeconds ?? 0;
}

export type RestartOutcome = "restarted" | "unready" | "down";

/**
 * Waits until the containers of a pod that was told to restart run anew, and are ready if they were, and shows what it
 * waits for. `down`: they do not run by the time they are killed at last; `unready`: they run, and are not ready in time
 * or have ended again.
 */
export async function awaitRestart(
  system: System,
  options: {
    readonly runner: ControlClient;
    readonly before: PodReport;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<RestartOutcome> {
  const { runner, before, ui, signal } = options;
  const { namespace, name } = before.pod.metadata;
  const ends = before.containers.some(({ pid }) => pid !== undefined);
  let deadlineMs = system.clock.monotonicMs() + (ends ? graceOf(before) * 1000 : 0) + START_MS;
  if (ends) ui.note(describeWait([before]));
  const progress = ui.showProgress([{ name, short: `Restart ${namespace}/${name}`, steps: 1 }]);
  let [runs, isBack] = [false, false];
  try {
    while (system.clock.monotonicMs() < deadlineMs) {
      const report = (await runner.pods()).find(
        ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
      );
      if (!runs && hasRestarted(before, report)) {
        runs = true;
        deadlineMs = system.clock.monotonicMs() + READY_MS;
      }
      isBack = runs && (!ends || !isReady(before) || report === undefined || isReady(report));
      if (isBack || hasEndedAgain(before, report)) break;
      progress.waiting(name, runs ? `${name} is not ready yet` : describeRestart(report, name));
      await system.clock.sleep(POLL_MS, signal);
    }
    if (isBack) progress.done(name, undefined);
    return isBack ? "restarted" : runs ? "unready" : "down";
  } finally {
    await progress.end(isBack);
  }
}

/** Whether one has ended by itself since it was started anew. */
function hasEndedAgain(before: PodReport, after: PodReport | undefined): boolean {
  if (after === undefined) return false;
  return before.pod.spec.containers.some(
    ({ name }) => countRestarts(after, name) > countRestarts(before, name) + 1,
  );
}

/**
 * Sidecars go on; a pod that has been removed meanwhile is waited for no longer. What waited for its back-off has a new
 * run, even one that has ended; what could not be started at all has its first.
 */
function hasRestarted(before: PodReport, after: PodReport | undefined): boolean {
  if (after === undefined) return true;
  const runs = ({ containers }: PodReport, name: string): boolean =>
    containers.some((container) => container.name === name && container.pid !== undefined);
  return before.pod.spec.containers.every(
    ({ name }) =>
      countRestarts(after, name) > countRestarts(before, name) || (!runs(before, name) && runs(after, name)),
  );
}

function countRestarts(report: PodReport, container: string): number {
  return findStatus({ report, container })?.restartCount ?? 0;
}
