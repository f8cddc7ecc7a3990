import { type LogRequest, readContainerLog } from "../../control/read-container-log.ts";
import { describeFileError } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { findOutputPaths } from "../../runtime/container-store.ts";
import { findUnmoved, type UnmovedOutput } from "../../runtime/logs/read-unmoved.ts";
import type { System } from "../../system/system.ts";
import { followLog } from "./follow-log.ts";
import { type LogSince, parseLogSince } from "./log-since.ts";
import { noLogError, notStartedError, selectLogged, tellHindrance } from "./no-log.ts";
import { readLoggedPods } from "./read-logged-pods.ts";
import { selectContainer } from "./select-container.ts";

/** What `slipway logs` is told. */
export interface LogsOptions extends LogSince {
  readonly root: string;
  readonly pod: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number;
  readonly signal: AbortSignal;
  readonly write: (chunk: Buffer) => void | Promise<void>;
  /** Hears a line beside the log. */
  readonly tell: (line: string) => void;
}

/**
 * Hands what a container has printed to `write`. Without a runner also what no runner has moved into the log yet.
 * Raises SLIPWAY_RUNNER_UNREACHABLE, SLIPWAY_KUBELET_RUNS, SLIPWAY_POD_NOT_FOUND, SLIPWAY_FILE_ACCESS and SLIPWAY_USAGE.
 */
export async function runLogs(system: System, options: LogsOptions): Promise<void> {
  const { signal, write, tail, tell } = options;
  const sinceMs = parseLogSince({ ...options, nowMs: system.clock.nowMs() });
  const { pods, info, problem } = await readLoggedPods(system, options);
  if (problem !== undefined && pods.length === 0) throw problem;
  const report = selectLogged(pods, { wanted: options.pod, refused: info?.refused ?? [] });
  if (report.containers.length === 0) throw notStartedError(report);
  const container = selectContainer(report, { wanted: options.container, tell });
  const previous = options.previous === true;
  const path = previous ? container.previousLogPath : container.logPath;
  if (path === undefined)
    throw noLogError(report, {
      name: container.name,
      isOnlyRun: previous && container.logPath !== undefined,
    });
  if (!previous) tellHindrance(report, { name: container.name, tell });
  const request = {
    path,
    timestamps: options.timestamps === true,
    signal,
    write,
    ...(tail === undefined ? {} : { tailLines: tail }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
  const unmoved =
    problem === undefined ? undefined : await readUnmoved(system, { ...options, logPath: path });
  try {
    const follows = options.follow === true && !previous;
    if (unmoved !== undefined && !follows)
      tell("no runner has moved the last lines into the log yet: among them stdout comes before stderr");
    if (!follows) return await readOnce(system, { request, unmoved });
    if (unmoved !== undefined)
      tell(`no runner moves output into the log; it goes on when one does: slipway runner start`);
    const { name, namespace } = report.pod.metadata;
    const followed = { root: options.root, namespace, pod: name, container: container.name };
    await followLog(system, { followed, request });
  } catch (error) {
    throw describeFileError(error, { action: "read", path });
  }
}

/** Output that waits for a runner; undefined when nothing does. */
async function readUnmoved(
  system: System,
  options: { readonly root: string; readonly logPath: string },
): Promise<UnmovedOutput | undefined> {
  const { containersDir } = buildPaths({ root: options.root, uid: system.host.uid });
  const paths = await findOutputPaths(system, { containersDir, logPath: options.logPath });
  if (paths === undefined) return undefined;
  const unmoved = await findUnmoved(system, paths);
  return unmoved.sizeBytes > 0 ? unmoved : undefined;
}

/** Prints the log, then what waits for a runner; the tail is that of both together. */
async function readOnce(
  system: System,
  { request, unmoved }: { readonly request: LogRequest; readonly unmoved: UnmovedOutput | undefined },
): Promise<void> {
  const { tailLines } = request;
  if (unmoved === undefined) return readContainerLog(system, request);
  if (tailLines === undefined) return readContainerLog(system, { ...request, rest: unmoved.read(0) });
  const waiting = await unmoved.countLines();
  const rest = unmoved.read(Math.max(0, waiting - tailLines));
  await readContainerLog(system, { ...request, tailLines: Math.max(0, tailLines - waiting), rest });
}
