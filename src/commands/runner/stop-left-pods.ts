import { withLock } from "../../apply/lock.ts";
import { stopEverything } from "../../apply/reset/stop-everything.ts";
import type { PodReport } from "../../control/protocol.ts";
import { describeFileError, SlipwayError, systemErrorPath } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { openEvents } from "../../runner/event-file.ts";
import { planStop } from "../../runner/plan-stop.ts";
import { createRunner, type Runner } from "../../runner/run-runner.ts";
import type { EventRecorder, RunnerOptions } from "../../runner/types.ts";
import { endSpoolKeeper } from "../../runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../runtime/processes.ts";
import { SILENT_LOG } from "../../system/log.ts";
import type { System } from "../../system/system.ts";
import { buildRunnerOptions, type RunnerSettings, readRunnerSettings } from "./runner-settings.ts";

interface StopOptions {
  readonly paths: ClusterPaths;
  readonly onWait: (detail: string) => void;
}

/**
 * Stops the pods that a runner which is gone has left, as it would have, and the next one goes on with them. Where no
 * runner can be had for it, as with a damaged configuration or a full disk, they are stopped by their records alone, and
 * the next runner begins with them anew. Raises SLIPWAY_RUNNER_RUNNING and SLIPWAY_RESET_INCOMPLETE.
 */
export async function stopLeftPods(system: System, options: StopOptions): Promise<void> {
  const { paths, onWait } = options;
  onWait("the runner is gone; stopping its pods");
  const problem = await stopAsRunner(system, options);
  if (problem === undefined) return;
  onWait(`they are stopped by their records alone: ${problem.what}: ${problem.why}`);
  await stopEverything(system, { paths, plan: { runnerPids: [] }, onWait });
}

/** Undefined when the pods have been stopped, else what is in the way. Raises SLIPWAY_RUNNER_RUNNING. */
async function stopAsRunner(system: System, options: StopOptions): Promise<SlipwayError | undefined> {
  const { paths } = options;
  const toProblem = (thrown: unknown): SlipwayError => {
    const path = systemErrorPath(thrown) ?? paths.stateDir;
    const error = describeFileError(thrown, { action: "use", path });
    if (error instanceof SlipwayError) return error;
    throw error;
  };
  const settings = await readRunnerSettings(system, { paths, flags: { idle: [] } }).catch(toProblem);
  if (settings instanceof SlipwayError) return settings;
  // At a terminal what counts is whether they end.
  const work = () => stopInside({ ...system, log: SILENT_LOG }, { ...options, settings });
  try {
    await withLock(system, { root: paths.root, command: "runner", work });
    return undefined;
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === "SLIPWAY_RUNNER_RUNNING") throw problem;
    return problem;
  }
}

const NO_SOURCES = { staticPodPath: undefined, staticPodURL: undefined };

/** By a runner of this process that follows no manifests. */
async function stopInside(
  system: System,
  options: StopOptions & { readonly settings: RunnerSettings },
): Promise<void> {
  const { paths, onWait } = options;
  const { config, startedWith } = options.settings;
  const kubelet = { ...config.kubelet, ...NO_SOURCES, enableServer: false, healthzPort: 0 };
  // It bounds what nobody reads, and here it is read.
  await endSpoolKeeper(system, { ...paths, processes: await createProcesses(system) });
  const settings = { config: { ...config, kubelet }, startedWith };
  const events = await openEvents(system, paths.eventsPath);
  try {
    const runner = await start(system, {
      ...(await buildRunnerOptions(system, { paths, ...settings })),
      events,
    });
    onWait(describeStop(runner.store.list(), kubelet.shutdownPeriods));
    await runner.stop({ pods: true });
    await runner.done;
  } finally {
    await events.close();
  }
}

/** What has taken up the containers lets go of them for whoever stops them instead. */
async function start(
  system: System,
  options: RunnerOptions & { readonly events: EventRecorder },
): Promise<Runner> {
  try {
    return await createRunner(system, options);
  } catch (error) {
    await options.runtime.close();
    throw error;
  }
}

/** What is waited for, and for how long at most: stage after stage, as long as the longest grace of each. */
export function describeStop(
  reports: readonly PodReport[],
  periods: RunnerOptions["kubelet"]["shutdownPeriods"],
): string {
  const running = reports.filter(({ containers }) => containers.some(({ pid }) => pid !== undefined));
  const stages = planStop(running, periods).map(({ pods, period }) =>
    Math.min(
      Math.max(...pods.map(({ pod }) => pod.spec.terminationGracePeriodSeconds ?? 0)),
      period?.graceSeconds ?? Number.POSITIVE_INFINITY,
    ),
  );
  const seconds = stages.reduce((sum, stage) => sum + stage, 0);
  const who = running.length === 1 ? "1 pod is" : `${running.length} pods are`;
  return `${who} told to end, and killed where that takes too long: after ${seconds} s at most`;
}
