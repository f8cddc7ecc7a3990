import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { checkInsideRoot } from "../../apply/check-inside-root.ts";
import { withLock } from "../../apply/lock.ts";
import { messageOf } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { openEvents } from "../../runner/event-file.ts";
import { keepSmall } from "../../runner/keep-small.ts";
import { createRunner, type Runner } from "../../runner/run-runner.ts";
import type { RunnerOptions } from "../../runner/types.ts";
import { hasRunningContainers } from "../../runtime/list-left-containers.ts";
import { endSpoolKeeper, startSpoolKeeper } from "../../runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../runtime/processes.ts";
import type { System } from "../../system/system.ts";
import { asksForStandalone, type KubeletFlags } from "./kubelet-flags.ts";
import { recallFlags } from "./remembered-flags.ts";
import { removeCutWrites } from "./remove-cut-writes.ts";
import { buildRunnerOptions, readRunnerSettings } from "./runner-settings.ts";

/**
 * Runs the static pod runner of a root in the foreground until it is stopped or `signal` aborts; pods go on then.
 * Gives whether any do. Reads its configuration again when told to. Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS,
 * SLIPWAY_KUBELET_RUNS and SLIPWAY_RUNNER_RUNNING.
 */
export async function runRunner(
  system: System,
  options: {
    readonly root: string;
    readonly flags: KubeletFlags;
    readonly signal: AbortSignal;
    readonly onReload: (reload: () => void) => void;
  },
): Promise<{ readonly podsGoOn: boolean }> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const work = async () => {
    await checkOwnDirs(system, paths);
    await removeCutWrites(system, paths);
    await keepRunning(system, { ...options, paths });
    return { podsGoOn: await leaveSpools(system, paths) };
  };
  return withLock(system, { root: options.root, command: "runner", work });
}

/** Raises SLIPWAY_FILE_ACCESS where a link leads out of the root with what the runner writes below one. */
function checkOwnDirs(system: System, paths: ClusterPaths): Promise<void> {
  const { root, stateDir, containersDir, podsDir, runDir, podLogsDir, containerLogsDir } = paths;
  const logDir = dirname(paths.runnerLogPath);
  const dirs = [stateDir, containersDir, podsDir, runDir, logDir, podLogsDir, containerLogsDir];
  return checkInsideRoot(system, { root, entries: dirs.map((path) => ({ kind: "tree", path })) });
}

/** How the last runner of a root told its events, unless the command line says what this one is. */
export async function recallLogFormat(
  system: System,
  options: { readonly root: string } & Omit<KubeletFlags, "idle">,
): Promise<KubeletFlags["logFormat"]> {
  if (asksForStandalone(options)) return undefined;
  return (await recallFlags(system, buildPaths({ root: options.root, uid: system.host.uid })))?.logFormat;
}

/**
 * One runner after the other: a changed configuration ends the one that runs and starts the next, which finds the
 * pods as they are. One that cannot be used is told, and the old one goes on.
 */
async function keepRunning(
  system: System,
  options: Parameters<typeof runRunner>[1] & { readonly paths: ClusterPaths },
): Promise<void> {
  const { signal } = options;
  let current = await readRunnerSettings(system, options);
  const events = await openEvents(system, options.paths.eventsPath);
  let replaced = true;
  let runner: Runner | undefined;
  const stop = (): void => void runner?.stop({ pods: false });
  const onReload = async (): Promise<void> => {
    try {
      const fresh = await readRunnerSettings(system, options);
      runner?.reload();
      if (isDeepStrictEqual(fresh, current)) return;
      current = fresh;
      replaced = true;
      system.log.info("configuration changed; the runner begins anew, its pods go on");
      stop();
    } catch (error) {
      system.log.error("configuration not taken over; the old one stays", { error: messageOf(error) });
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  options.onReload(() => void onReload());
  while (replaced && !signal.aborted) {
    replaced = false;
    const runnerOptions = await buildRunnerOptions(system, { paths: options.paths, ...current });
    runner = await createRunner(system, { ...runnerOptions, events, onReload });
    // What came while it started found no runner to stop.
    if (signal.aborted || replaced) stop();
    const memory = keepSmall(system, runner.store);
    await keepSpoolsBounded(system, { ...runnerOptions, paths: options.paths });
    await runner.done;
    memory.close();
  }
  await events.close();
}

/** A runner whose spools nobody will bound when it has gone is still a runner. */
async function keepSpoolsBounded(
  system: System,
  { kubelet, paths }: Pick<RunnerOptions, "kubelet"> & { readonly paths: ClusterPaths },
): Promise<void> {
  const limits = { maxSizeBytes: kubelet.containerLogMaxSizeBytes, maxFiles: kubelet.containerLogMaxFiles };
  const processes = await createProcesses(system);
  try {
    await startSpoolKeeper(system, { containersDir: paths.containersDir, processes, limits });
  } catch (error) {
    system.log.warn("nothing will bound containers' output while no runner lives", {
      error: messageOf(error),
    });
  }
}

/** With the last container that runs there is nothing left to bound. Gives whether any runs. */
async function leaveSpools(system: System, { containersDir }: ClusterPaths): Promise<boolean> {
  if (await hasRunningContainers(system, containersDir)) return true;
  await endSpoolKeeper(system, { containersDir, processes: await createProcesses(system) });
  return false;
}
