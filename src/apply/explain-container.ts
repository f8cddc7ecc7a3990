import type { PodReport } from "../control/protocol.ts";
import { readContainerLog } from "../control/read-container-log.ts";
import { redactSecrets } from "../core/redact.ts";
import { findPortHolders } from "../facts/find-port-holders.ts";
import type { ContainerStatus } from "../pod/types.ts";
import { explainFailure, type FailureExplanation } from "../preflight/explain-failure.ts";
import { parseLogLine } from "../preflight/parse-log-line.ts";
import type { System } from "../system/system.ts";

/** Why a container does not run or is not ready, for people. */
export interface ContainerFailure {
  /** `ended with exit code 1, 2 restarts`. */
  readonly summary: string;
  readonly cause: string;
  readonly fix: string;
  readonly logLines: readonly string[];
  /** It will not heal by itself. */
  readonly permanent: boolean;
  readonly restartCount: number;
}

/** A container of a pod. */
export interface ContainerSubject {
  readonly report: PodReport;
  readonly container: string;
}

/** Enough for the line that matters; a Go panic's stack is longer but its head comes first in the explanation. */
const LOG_LINES = 60;
const SHOWN_LINES = 5;

/** What made a container end or kept it from starting; undefined while nothing is wrong with it. */
export async function explainContainer(
  system: System,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const { container } = subject;
  const status = findStatus(subject);
  if (status === undefined) return undefined;
  const ended = status.state.terminated ?? findFailedRun(status);
  if (ended === undefined) return explainWaiting(status);
  const lines = await readLastLines(system, {
    ...subject,
    previous: status.state.running !== undefined,
  });
  const isSeen = ended.reason !== UNSEEN_REASON;
  const explained = explainFailure({
    component: container,
    exitCode: isSeen ? ended.exitCode : undefined,
    signal: isSeen ? ended.signal : undefined,
    outOfMemory: ended.reason === "OOMKilled" ? { limit: findMemoryLimit(subject) } : undefined,
    lines,
  });
  const who = await describeHolder(system, explained?.takenPort);
  return {
    summary: `${describeEnd(ended)}${countRestarts(status.restartCount)}`,
    cause:
      who?.cause ??
      explained?.cause ??
      (isSeen ? (explained?.decisiveLine ?? lines.at(-1) ?? NO_LINE) : UNSEEN.cause),
    fix: who?.fix ?? explained?.fix ?? (isSeen ? `${describeLogs(subject)} --previous` : UNSEEN.fix),
    logLines: explained === undefined ? lines.slice(-SHOWN_LINES) : selectDecisive(explained),
    permanent: explained?.permanent ?? false,
    restartCount: status.restartCount,
  };
}

/** What a container wrote last, without time and place; undefined when there is nothing. */
export async function readLastLine(system: System, subject: ContainerSubject): Promise<string | undefined> {
  const line = (await readLastLines(system, { ...subject, previous: false })).at(-1);
  return line === undefined ? undefined : redactSecrets(parseLogLine(line).text);
}

/** The command that shows a container's log. */
export function describeLogs({ report, container }: ContainerSubject): string {
  const { name } = report.pod.metadata;
  const isNamedAlike = name === container || name === `${container}-${report.pod.spec.nodeName}`;
  return isNamedAlike ? `slipway logs ${container}` : `slipway logs ${name} -c ${container}`;
}

/** Its exit code is the runtime's word for not knowing. Source: kubelet kubelet_pods.go. */
const UNSEEN_REASON = "ContainerStatusUnknown";
const UNSEEN = {
  cause: "how it ended could not be written down: the disk was full, or the machine went down",
  fix: "see whether the disk has room (df -h); slipway doctor looks, too",
} as const;

const NO_LINE = "it left no line in its log";

/** What the runner says of a container; undefined where the pod has none of that name. */
export function findStatus({ report, container }: ContainerSubject): ContainerStatus | undefined {
  return report.pod.status?.containerStatuses?.find(({ name }) => name === container);
}

function findMemoryLimit({ report, container }: ContainerSubject): string | undefined {
  const limit = report.pod.spec.containers.find(({ name }) => name === container)?.resources?.limits?.[
    "memory"
  ];
  return limit === undefined ? undefined : String(limit);
}

/** Who listens on the port now, if anybody does whom this user may see. */
async function describeHolder(
  system: System,
  port: number | undefined,
): Promise<{ readonly cause: string; readonly fix: string } | undefined> {
  if (port === undefined) return undefined;
  const holder = (await findPortHolders(system, { ports: [port] })).get(port);
  if (holder === undefined) return undefined;
  return {
    cause: `port ${port} is held by ${holder.command} (pid ${holder.pid})`,
    fix: `stop it (kill ${holder.pid}), or choose another port`,
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

function countRestarts(count: number): string {
  if (count === 0) return "";
  return count === 1 ? ", 1 restart" : `, ${count} restarts`;
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

/** The decisive line, when there is one. */
export function selectDecisive({ decisiveLine }: FailureExplanation): readonly string[] {
  return decisiveLine === "" ? [] : [decisiveLine];
}

/** The last lines that a container wrote. None when the log has gone: a later start rotates an earlier one's away. */
export async function readLastLines(
  system: System,
  options: ContainerSubject & {
    /** Of the run before the present one. */
    readonly previous: boolean;
    /** Each begins with its time. */
    readonly timestamps?: boolean;
  },
): Promise<readonly string[]> {
  const { report, container, previous, timestamps = false } = options;
  const logs = report.containers.find(({ name }) => name === container);
  const path = previous ? logs?.previousLogPath : logs?.logPath;
  if (path === undefined || (await system.fs.stat(path)) === undefined) return [];
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer): void => void chunks.push(chunk);
  await readContainerLog(system, { path, tailLines: LOG_LINES, timestamps, write });
  return Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}
