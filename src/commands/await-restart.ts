import { findStatus } from "../apply/container-subject.ts";
import type { ControlClient } from "../control/control-client.ts";
import type { PodReport } from "../control/protocol.ts";
import type { System } from "../system/system.ts";
import type { Ui } from "./ui.ts";

/** How often the runner is asked for its pods, all of which it tells: a person notices no sooner. */
export const POLL_MS = 250;

/** What comes after the grace: the kill, and a start that a busy machine takes its time for. */
const START_MS = 10_000;

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

/**
 * Waits until the containers of a pod that was told to restart run anew, and shows what it waits for. False when they do
 * not by the time they are killed at last.
 */
export async function awaitRestart(
  system: System,
  options: {
    readonly runner: ControlClient;
    readonly before: PodReport;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<boolean> {
  const { runner, before, ui, signal } = options;
  const { namespace, name } = before.pod.metadata;
  const ends = before.containers.some(({ pid }) => pid !== undefined);
  const deadlineMs = system.clock.monotonicMs() + (ends ? graceOf(before) * 1000 : 0) + START_MS;
  if (ends) ui.note(describeWait([before]));
  const progress = ui.showProgress([{ name, short: `Restart ${namespace}/${name}`, steps: 1 }]);
  let restarted = false;
  try {
    while (!restarted && system.clock.monotonicMs() < deadlineMs) {
      const report = (await runner.pods()).find(
        ({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name,
      );
      restarted = hasRestarted(before, report);
      if (restarted) break;
      progress.waiting(name, describeRestart(report, name));
      await system.clock.sleep(POLL_MS, signal);
    }
    if (restarted) progress.done(name, undefined);
    return restarted;
  } finally {
    await progress.end(restarted);
  }
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
