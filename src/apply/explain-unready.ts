import type { ContainerStatus } from "../pod/types.ts";
import { explainFailure, explainLasting, type FailureExplanation } from "../preflight/explain-failure.ts";
import type { System } from "../system/system.ts";
import {
  type ContainerFailure,
  type ContainerSubject,
  describeEnd,
  describeLogs,
  explainContainer,
  findStatus,
  readLastLines,
  selectDecisive,
} from "./explain-container.ts";

/**
 * Why a container is not ready. Of one that runs, what its log complains of counts first; then, while this run has not
 * come up, how the one before it ended, for that is likely to come again; then what its probe says. Undefined when it is
 * ready, or nothing is known yet.
 */
export async function explainUnready(
  system: System,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  if (status === undefined || status.ready) return undefined;
  if (status.state.running === undefined) return explainContainer(system, subject);
  const complaint = await explainComplaint(system, subject);
  if (complaint !== undefined) return complaint;
  const before = status.started === true ? undefined : await explainContainer(system, subject);
  if (before !== undefined) return before;
  const { report, container } = subject;
  const cause = report.containers.find(({ name }) => name === container)?.lastProbeFailure;
  if (cause === undefined) return undefined;
  return describeUnready(subject, { status, cause, said: await readSaid(system, subject) });
}

/** What the log of a container that runs complains of, when that is known; it may heal by itself. */
export async function explainComplaint(
  system: System,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  if (status?.state.running === undefined) return undefined;
  const said = await readSaid(system, subject);
  return said?.cause === undefined
    ? undefined
    : describeUnready(subject, { status, cause: said.cause, said });
}

async function readSaid(system: System, subject: ContainerSubject): Promise<FailureExplanation | undefined> {
  const lines = await readLastLines(system, { ...subject, previous: false });
  return explainFailure({ component: subject.container, exitCode: undefined, signal: undefined, lines });
}

/**
 * What a container that runs complains of again and again and only a change can mend, such as a certificate that the
 * other side refuses: it would go on until a time-out of its own. Undefined as long as that is not certain.
 */
export async function explainLastingComplaint(
  system: System,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  if (status?.state.running === undefined) return undefined;
  const lines = await readLastLines(system, { ...subject, previous: false, timestamps: true });
  const said = explainLasting({ component: subject.container, lines: lines.map(splitTime) });
  if (said?.cause === undefined) return undefined;
  return { ...describeUnready(subject, { status, cause: said.cause, said }), permanent: true };
}

function splitTime(line: string): { readonly atMs: number; readonly line: string } {
  const end = line.indexOf(" ");
  return { atMs: Date.parse(line.slice(0, end)), line: line.slice(end + 1) };
}

/** Nothing is given up for a complaint alone, which may be of a moment ago. */
function describeUnready(
  subject: ContainerSubject,
  seen: {
    readonly status: ContainerStatus;
    readonly cause: string;
    readonly said: FailureExplanation | undefined;
  },
): ContainerFailure {
  const { status, cause, said } = seen;
  const before = status.started === true ? undefined : status.lastState.terminated;
  return {
    summary: before === undefined ? "not ready" : `not ready; ${describeEnd(before)} before`,
    cause,
    fix: said?.fix ?? describeLogs(subject),
    logLines: said === undefined ? [] : selectDecisive(said),
    permanent: false,
    restartCount: status.restartCount,
  };
}
