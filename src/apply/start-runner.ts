import { connectRunner } from "../control/control-client.ts";
import type { RunnerInfo } from "../control/protocol.ts";
import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";

/** How often a starting runner is asked whether it answers; small against its start of some 200 ms. */
const POLL_MS = 10;

/** How long a runner may take to answer: some hundred times what it needs on a quiet machine. */
const START_TIMEOUT_MS = 30_000;

/** Variables of this process that the runner keeps: where to find binaries and, for programs it runs, the home. */
const KEPT_VARIABLES = ["PATH", "HOME", "XDG_CACHE_HOME", "SLIPWAY_CACHE_DIR", "LANG", "TZ"];

/**
 * Starts a runner in the background and resolves when it answers on its control socket.
 * Raises SLIPWAY_RUNNER_START_FAILED with the last lines of its log, and SLIPWAY_FILE_ACCESS.
 */
export async function startRunner(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly command: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<RunnerInfo> {
  const { paths, signal } = options;
  const [program = "", ...args] = options.command;
  const log = await openLog(system, paths.runnerLogPath);
  let exit: string | undefined;
  try {
    const child = await system.exec.spawnDetached({
      command: program,
      args: [...args, "runner", "run", "--root", paths.root],
      env: selectEnv(system.host.env),
      cwd: "/",
      stdoutFd: log.fd,
      stderrFd: log.fd,
    });
    child.once("exit", (code, name) => {
      exit = name === null ? `it ended with exit code ${code}` : `it was ended by ${name}`;
    });
  } finally {
    await log.close();
  }
  const deadlineMs = system.clock.monotonicMs() + START_TIMEOUT_MS;
  while (exit === undefined && system.clock.monotonicMs() < deadlineMs) {
    const info = await tryInfo(system, paths);
    if (info !== undefined) return info;
    await system.clock.sleep(POLL_MS, signal);
  }
  throw await startError(system, { paths, why: exit ?? `it did not answer on ${paths.controlSocketPath}` });
}

async function openLog(system: System, path: string): ReturnType<System["fs"]["open"]> {
  try {
    return await system.fs.open(path, { flags: "a", mode: 0o640 });
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
    details: text.trimEnd().split("\n").slice(-5),
  });
}

function selectEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
