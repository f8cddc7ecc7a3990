import type { PodReport } from "../control/protocol.ts";
import { readContainerLog } from "../control/read-container-log.ts";
import { toOneLine } from "../core/one-line.ts";
import { redactSecrets } from "../core/redact.ts";
import type { Container, ContainerStatus } from "../pod/types.ts";
import type { TimedLine } from "../preflight/explain-failure.ts";
import { parseLogLine } from "../preflight/parse-log-line.ts";
import type { System } from "../system/system.ts";

/** A container of a pod. */
export interface ContainerSubject {
  readonly report: PodReport;
  readonly container: string;
}

/** All pods of the runner, where what is wrong with one may lie in another. */
export interface OtherPods {
  readonly reports?: readonly PodReport[];
}

/** What the runner says of a container; undefined where the pod has none of that name. */
export function findStatus({
  report,
  container,
}: Pick<ContainerSubject, "container"> & {
  readonly report: { readonly pod: Pick<PodReport["pod"], "status"> };
}): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = report.pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
}

/** Whether all regular containers of a pod are ready; false while nothing is known of them. */
export function isReady({ pod }: Pick<PodReport, "pod">): boolean {
  return pod.status?.containerStatuses?.every(({ ready }) => ready) === true;
}

/** What the manifest says of it. */
export function findContainer({ report, container }: ContainerSubject): Container | undefined {
  const { containers, initContainers = [] } = report.pod.spec;
  return [...containers, ...initContainers].find(({ name }) => name === container);
}

/** The value of a flag of its command, the last one; undefined where it is not set. */
export function findFlag(subject: ContainerSubject, flag: string): string | undefined {
  const { command = [], args = [] } = findContainer(subject) ?? {};
  const word = [...command, ...args].findLast((candidate) => candidate.startsWith(`--${flag}=`));
  return word?.slice(`--${flag}=`.length);
}

/** The command that shows a container's log. */
export function describeLogs({ report, container }: ContainerSubject): string {
  const { name } = report.pod.metadata;
  const isNamedAlike = name === container || name === `${container}-${report.pod.spec.nodeName}`;
  return isNamedAlike ? `slipway logs ${container}` : `slipway logs ${name} -c ${container}`;
}

/** Enough for the line that matters. */
const LOG_LINES = 60;

/** Enough for the line above all the stacks of a Go program that faults; those of etcd are 200 lines. */
const STACK_LINES = 500;

/** The last lines that a container wrote. None when the log has gone: a later start rotates an earlier one's away. */
export async function readLastLines(
  system: Pick<System, "clock" | "fs">,
  options: ContainerSubject & {
    /** Of the run before the present one. */
    readonly previous: boolean;
    readonly tailLines?: number;
  },
): Promise<readonly TimedLine[]> {
  const { report, container, previous, tailLines = LOG_LINES } = options;
  const logs = report.containers.find(({ name }) => name === container);
  const path = previous ? logs?.previousLogPath : logs?.logPath;
  if (path === undefined || (await system.fs.stat(path)) === undefined) return [];
  const lines = await readTail(system, { path, tailLines });
  const endsInStack = lines.some(({ line }) => /^goroutine \d+ /.test(line));
  return endsInStack ? readTail(system, { path, tailLines: STACK_LINES }) : lines;
}

async function readTail(
  system: Pick<System, "clock" | "fs">,
  { path, tailLines }: { readonly path: string; readonly tailLines: number },
): Promise<readonly TimedLine[]> {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer): void => void chunks.push(chunk);
  await readContainerLog(system, { path, tailLines, timestamps: true, write });
  return Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map(splitTime);
}

function splitTime(line: string): TimedLine {
  const end = line.indexOf(" ");
  return { atMs: Date.parse(line.slice(0, end)), line: line.slice(end + 1) };
}

/** What a container wrote last, without time and place; undefined when there is nothing. */
export async function readLastLine(
  system: Pick<System, "clock" | "fs">,
  subject: ContainerSubject,
): Promise<string | undefined> {
  const last = (await readLastLines(system, { ...subject, previous: false })).at(-1);
  return last === undefined ? undefined : redactSecrets(toOneLine(parseLogLine(last.line).text));
}
