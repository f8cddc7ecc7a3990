import { endRunner } from "../../apply/end-runner.ts";
import { findRunners } from "../../apply/find-runners.ts";
import { refuseForeignRoot } from "../../apply/refuse-foreign-root.ts";
import { spawnStandbyRunner } from "../../apply/standby-runner.ts";
import { startRunner } from "../../apply/start-runner.ts";
import { connectRunner } from "../../control/control-client.ts";
import type { RunnerInfo } from "../../control/protocol.ts";
import { SlipwayError } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { isSuspended } from "../../facts/is-suspended.ts";
import { SERVICE_PATH } from "../../plan/boot/systemd-unit.ts";
import { hasRunningContainers } from "../../runtime/list-left-containers.ts";
import type { System } from "../../system/system.ts";
import { connect, describeSuspendedRunner, isUnreachable } from "./connect.ts";
import { findRunnerConfig } from "./find-runner-config.ts";
import { noPlaneError } from "./read-runner-config.ts";
import { refuseKubeletsPlane } from "./refuse-kubelets-plane.ts";
import { refuseServedPlace } from "./refuse-served-place.ts";
import { createStandby, runnerProgram } from "./standby.ts";

/** The runner of a root; raises SLIPWAY_RUNNER_UNREACHABLE or SLIPWAY_KUBELET_RUNS when there is none. */
export async function runRunnerStatus(
  system: System,
  options: { readonly root: string },
): Promise<RunnerInfo> {
  return (await connect(system, options)).info();
}

/**
 * Starts the runner in the background unless it runs already. Its pods are found again, not started twice.
 * Raises SLIPWAY_RUNNER_RUNNING for one that does not answer or has these manifests, SLIPWAY_CONFIG_INVALID,
 * SLIPWAY_RUNNER_START_FAILED, SLIPWAY_KUBELET_RUNS, SLIPWAY_FOREIGN_ROOT, and SLIPWAY_RUNNER_UNREACHABLE where there
 * is no control plane.
 */
export async function runRunnerStart(
  system: System,
  options: { readonly root: string; readonly signal: AbortSignal },
): Promise<RunnerInfo> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  await refuseKubeletsPlane(system, paths);
  await refuseSuspended(system, paths);
  const running = await findAnswering(system, paths);
  if (running !== undefined) return running;
  const mode = await checkConfig(system, paths);
  const deadlineMs = system.clock.monotonicMs() + STARTING_MS;
  for (let [pid] = await findRunners(system, paths.root); pid !== undefined; ) {
    const started = await findAnswering(system, paths);
    if (started !== undefined) return started;
    if (system.clock.monotonicMs() > deadlineMs) throw silentRunnerError(paths, pid);
    await system.clock.sleep(POLL_MS, options.signal);
    [pid] = await findRunners(system, paths.root);
  }
  return startAgain(system, { ...options, paths, mode });
}

/** A runner that somebody else has just started answers within this; ours, ten times what it takes. */
const STARTING_MS = 5_000;
const POLL_MS = 50;

/** Its socket still takes connections: who asks it waits for nothing. */
async function refuseSuspended(system: System, { root }: ClusterPaths): Promise<void> {
  const [pid] = await findRunners(system, root);
  if (pid === undefined || !(await isSuspended(system, pid))) return;
  throw new SlipwayError({
    code: "SLIPWAY_RUNNER_RUNNING",
    what: `a second runner cannot be started on ${root}`,
    ...describeSuspendedRunner(pid),
  });
}

/** Asks again and again, so nothing is looked up of one that does not answer. */
async function findAnswering(
  system: System,
  { controlSocketPath: socketPath, root }: ClusterPaths,
): Promise<RunnerInfo | undefined> {
  try {
    return await (await connectRunner(system, { socketPath, root })).info();
  } catch (error) {
    if (isUnreachable(error)) return undefined;
    throw error;
  }
}

/**
 * Ends the runner, also one that does not answer, and starts it anew; its pods go on. A configuration that cannot be
 * used is refused first. Raises what `runRunnerStart` raises.
 */
export async function runRunnerRestart(
  system: System,
  options: { readonly root: string; readonly signal: AbortSignal },
): Promise<RunnerInfo> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const mode = await checkConfig(system, paths);
  await endRunner(system, { paths, pods: false });
  return startAgain(system, { ...options, paths, mode });
}

/** Raises what is wrong with what a runner of this root would read, and what keeps one from being started. */
async function checkConfig(system: System, paths: ClusterPaths): Promise<"plane" | "standalone"> {
  await refuseForeignRoot(system, paths.root);
  await refuseKubeletsPlane(system, paths);
  const found = await findRunnerConfig(system, paths);
  if (found === undefined) throw await noPlaneError(system, paths);
  await refuseServedPlace(system, { paths, kubelet: found.kubelet });
  return found.mode;
}

async function startAgain(
  system: System,
  options: {
    readonly root: string;
    readonly signal: AbortSignal;
    readonly paths: ClusterPaths;
    readonly mode: "plane" | "standalone";
  },
): Promise<RunnerInfo> {
  const { root, paths, mode } = options;
  // Only init makes a service of systemd; a runner without it has one when its user has installed it.
  const isProcess = mode === "standalone" && (await system.fs.stat(SERVICE_PATH)) === undefined;
  const standby = isProcess
    ? await spawnStandbyRunner(system, { root, command: runnerProgram() })
    : await createStandby(system, root).get();
  return startRunner(system, { paths, standby, signal: options.signal });
}

/**
 * Lets the runner read its configuration and the manifests again. A configuration that cannot be used is refused
 * here, before the runner sees it. Raises SLIPWAY_RUNNER_UNREACHABLE, SLIPWAY_CONFIG_INVALID, and SLIPWAY_RUNNER_RUNNING
 * or SLIPWAY_KUBELET_RUNS for manifests that are run already.
 */
export async function runRunnerReload(system: System, options: { readonly root: string }): Promise<void> {
  const client = await connect(system, options);
  await checkConfig(system, buildPaths({ root: options.root, uid: system.host.uid }));
  await client.reload();
}

/**
 * Ends the runner, also one that does not answer; its pods go on unless `pods` says to stop them too, whether or not
 * a runner is there to do it. False: there was nothing to stop.
 */
export async function runRunnerStop(
  system: System,
  options: { readonly root: string; readonly pods: boolean; readonly onWait: (detail: string) => void },
): Promise<boolean> {
  const { pods, onWait } = options;
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const ended = await endRunner(system, { paths, pods });
  if (!pods || ended === "asked") return ended !== "none";
  const hasPods = await hasRunningContainers(system, paths.containersDir);
  if (hasPods) {
    const { stopLeftPods } = await import("./stop-left-pods.ts");
    await stopLeftPods(system, { paths, onWait });
  }
  return hasPods || ended !== "none";
}

function silentRunnerError(paths: ClusterPaths, pid: number): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_RUNNER_RUNNING",
    what: `a second runner cannot be started on ${paths.root}`,
    why: `one runs there (pid ${pid}), but does not answer on ${paths.controlSocketPath}`,
    fix: "its pods go on; to replace it: slipway runner restart",
  });
}
