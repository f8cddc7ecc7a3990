import type { PodReport } from "../control/protocol.ts";
import { readContainerLog } from "../control/read-container-log.ts";
import { systemErrorCode } from "../core/errors.ts";
import type { ContainerStatus } from "../pod/types.ts";
import { explainFailure, type FailureExplanation } from "../preflight/explain-failure.ts";
import type { System } from "../system/system.ts";

/** Why a container does not run, for people. */
export interface ContainerFailure {
  /** `exit code 1, 0.2 s after its start, 2 restarts`. */
  readonly summary: string;
  readonly cause: string;
  readonly fix: string;
  readonly logLines: readonly string[];
  /** It will not heal by itself. */
  readonly permanent: boolean;
  readonly restartCount: number;
}

/** Enough for the line that matters; a Go panic's stack is longer but its head comes first in the explanation. */
const LOG_LINES = 60;
const SHOWN_LINES = 5;

/** What made a container end or kept it from starting; undefined while nothing is wrong with it. */
export async function explainContainer(
  system: System,
  options: { readonly report: PodReport; readonly container: string },
): Promise<ContainerFailure | undefined> {
  const status = options.report.pod.status?.containerStatuses?.find(({ name }) => name === options.container);
  if (status === undefined) return undefined;
  const ended = status.state.terminated ?? findFailedRun(status);
  if (ended === undefined) return explainWaiting(status);
  const lines = await readLastLines(system, options);
  const explained = explainFailure({
    component: options.container,
    exitCode: ended.exitCode,
    signal: ended.signal,
    lines,
  });
  return {
    summary: `${describeEnd(ended)}${status.restartCount > 0 ? `, ${status.restartCount} restarts` : ""}`,
    cause: explained?.cause ?? explained?.decisiveLine ?? lines.at(-1) ?? "it left no line in its log",
    fix: explained?.fix ?? `slipway logs ${options.container} --previous`,
    logLines: explained === undefined ? lines.slice(-SHOWN_LINES) : selectDecisive(explained),
    permanent: explained?.permanent ?? false,
    restartCount: status.restartCount,
  };
}

/** The run before this one; one that ended with 0 and was followed by another is no failure: it was told to end. */
function findFailedRun({ state, lastState }: ContainerStatus): ContainerStatus["lastState"]["terminated"] {
  const { terminated } = lastState;
  return state.running !== undefined && terminated?.exitCode === 0 ? undefined : terminated;
}

/** `ended with exit code 1 (Error)`, `ended by signal 9 (OOMKilled)`. */
export function describeEnd(ended: {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
}): string {
  const how = ended.signal === undefined ? `exit code ${ended.exitCode}` : `signal ${ended.signal}`;
  return `ended with ${how}${ended.reason === undefined || ended.reason === "Error" ? "" : ` (${ended.reason})`}`;
}

/** Reasons to wait that no later moment mends. Source: kubelet images/types.go, kuberuntime_container.go. */
const LASTING_REASONS = [
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "RunContainerError",
];

function explainWaiting(status: ContainerStatus): ContainerFailure | undefined {
  const { reason, message } = status.state.waiting ?? {};
  if (reason === undefined || !LASTING_REASONS.includes(reason)) return undefined;
  return {
    summary: `it waits: ${reason}`,
    cause: message ?? reason,
    fix: "slipway components list shows which programs are here; slipway components fetch gets them",
    logLines: [],
    permanent: true,
    restartCount: status.restartCount,
  };
}

function selectDecisive({ decisiveLine }: FailureExplanation): readonly string[] {
  return decisiveLine === "" ? [] : [decisiveLine];
}

/** None when the log has gone: a later start rotates an earlier one's away. */
async function readLastLines(
  system: System,
  { report, container }: { readonly report: PodReport; readonly container: string },
): Promise<readonly string[]> {
  const logs = report.containers.find(({ name }) => name === container);
  const running =
    report.pod.status?.containerStatuses?.find(({ name }) => name === container)?.state.running !== undefined;
  const path = running ? logs?.previousLogPath : logs?.logPath;
  if (path === undefined) return [];
  const chunks: Buffer[] = [];
  try {
    await readContainerLog(system, { path, tailLines: LOG_LINES, write: (chunk) => void chunks.push(chunk) });
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}
