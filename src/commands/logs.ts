import type { ContainerReport, PodReport } from "../control/protocol.ts";
import { readContainerLog } from "../control/read-container-log.ts";
import { parseDurationMs } from "../core/duration.ts";
import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { selectPod } from "./ps.ts";
import { readKnownPods } from "./read-pods.ts";

/** What `slipway logs` is told. */
export interface LogsOptions {
  readonly root: string;
  readonly pod: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: number;
  /** A Go duration. */
  readonly since?: string;
  readonly signal: AbortSignal;
  readonly write: (chunk: Buffer) => void;
}

/**
 * Hands what a container has printed to `write`, also without a runner as far as the log goes. Raises SLIPWAY_RUNNER_UNREACHABLE, SLIPWAY_POD_NOT_FOUND,
 * SLIPWAY_FILE_ACCESS and SLIPWAY_USAGE.
 */
export async function runLogs(system: System, options: LogsOptions): Promise<void> {
  const { pods } = await readKnownPods(system, options);
  const report = selectPod(pods, options.pod);
  const container = selectContainer(report, options.container);
  const path = options.previous === true ? container.previousLogPath : container.logPath;
  if (path === undefined) throw noLogError(report, { container, previous: options.previous === true });
  const { tail, since } = options;
  const sinceMs = since === undefined ? undefined : system.clock.nowMs() - parseSince(since);
  try {
    await readContainerLog(system, {
      path,
      follow: options.follow === true,
      timestamps: options.timestamps === true,
      signal: options.signal,
      write: options.write,
      ...(tail === undefined ? {} : { tailLines: tail }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
    });
  } catch (error) {
    throw describeFileError(error, { action: "read", path });
  }
}

function selectContainer(report: PodReport, wanted: string | undefined): ContainerReport {
  const { containers } = report;
  const [only] = containers;
  if (wanted === undefined && only !== undefined && containers.length === 1) return only;
  const match = containers.find(({ name }) => name === wanted);
  if (match !== undefined) return match;
  throw new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what:
      wanted === undefined
        ? `the pod ${report.pod.metadata.name} has several containers`
        : `cannot find the container "${wanted}"`,
    why: `it has ${containers.map(({ name }) => name).join(", ")}`,
    fix: "name one with --container",
  });
}

function noLogError(
  report: PodReport,
  options: { readonly container: ContainerReport; readonly previous: boolean },
): SlipwayError {
  const { name } = options.container;
  const waiting = report.pod.status?.containerStatuses?.find((status) => status.name === name)?.state.waiting;
  return new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what: `the container ${name} of ${report.pod.metadata.name} has no ${options.previous ? "earlier " : ""}log`,
    why: options.previous ? "it was started only once" : (waiting?.message ?? "it has not been started yet"),
    fix: "slipway ps shows what it waits for",
  });
}

function parseSince(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `cannot read --since ${text}`,
    why: "it is no duration",
    fix: "write it as 10s, 5m or 1h30m",
  });
}
