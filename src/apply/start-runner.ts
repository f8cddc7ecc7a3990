import { dirname } from "node:path";
import { connectRunner } from "../control/control-client.ts";
import type { RunnerInfo } from "../control/protocol.ts";
import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { makeDirs } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import type { StandbyRunner } from "./standby-runner.ts";

/** How often a starting runner is asked whether it answers; small against its start of some 200 ms. */
const POLL_MS = 10;

/** How long a runner may take to answer: some hundred times what it needs on a quiet machine. */
const START_TIMEOUT_MS = 30_000;

/**
 * Lets a runner that stands by begin in the background, and resolves when it answers on its control socket.
 * Raises SLIPWAY_RUNNER_START_FAILED with the last lines of its log, and SLIPWAY_FILE_ACCESS.
 */
export async function startRunner(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly standby: StandbyRunner;
    readonly signal: AbortSignal;
  },
): Promise<RunnerInfo> {
  const { paths, standby, signal } = options;
  await makeLog(system, paths.runnerLogPath);
  standby.begin(paths.runnerLogPath);
  const deadlineMs = system.clock.monotonicMs() + START_TIMEOUT_MS;
  while (standby.exit() === undefined && system.clock.monotonicMs() < deadlineMs) {
    const info = await tryInfo(system, paths);
    if (info !== undefined) return info;
    await system.clock.sleep(POLL_MS, signal);
  }
  const why = standby.exit() ?? `it did not answer on ${paths.controlSocketPath}`;
  throw await startError(system, { paths, why });
}

async function makeLog(system: System, path: string): Promise<void> {
  try {
    // Where /var/log is a tmpfs it is empty after a reboot.
    await makeDirs(system, { path: dirname(path), mode: 0o755 });
    const log = await system.fs.open(path, { flags: "a", mode: 0o640 });
    await log.close();
  } catch (error) {
    throw describeFileError(error, { action: "open the runner's log", path });
  }
}

async function tryInfo(system: System, paths: ClusterPaths): Promise<RunnerInfo | undefined> {
  try {
    const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
    return await client.info();
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE") return undefined;
    throw error;
  }
}

async function startError(
  system: System,
  options: { readonly paths: ClusterPaths; readonly why: string },
): Promise<SlipwayError> {
  const text = (await system.fs.readTextIfExists(options.paths.runnerLogPath)) ?? "";
  return new SlipwayError({
    code: "SLIPWAY_RUNNER_START_FAILED",
    what: "the runner did not start",
    why: options.why,
    fix: `read ${options.paths.runnerLogPath}, mend the cause, then run the command again`,
    details: text.trimEnd().split("\n").slice(-5).filter(Boolean),
  });
}
