import type { ContainerStatus } from "../pod/types.ts";
import { explainFailure, explainLasting, type FailureExplanation } from "../preflight/explain-failure.ts";
import type { System } from "../system/system.ts";
import {
  type ContainerSubject,
  describeLogs,
  findContainer,
  findStatus,
  type OtherPods,
  readLastLines,
} from "./container-subject.ts";
import { explainByEtcd } from "./explain-by-etcd.ts";
import {
  type ContainerFailure,
  describeEnd,
  explainContainer,
  isAnswered,
  selectDecisive,
} from "./explain-container.ts";
import { explainIdle } from "./explain-idle.ts";
import { explainLostAddress } from "./explain-lost-address.ts";
import { explainSuspended } from "./explain-suspended.ts";
import { explainUntrusted } from "./explain-untrusted.ts";

/**
 * Why a container is not ready, or does not do its work though its probes have not found that out. Undefined when all is
 * well with it, or nothing is known yet.
 */
export async function explainUnready(
  system: System,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  if (status === undefined) return undefined;
  const suspended = await explainSuspended(system, subject);
  if (suspended !== undefined) return suspended;
  if (status.ready) return explainUseless(system, subject);
  const failure = await explainAlone(system, { ...subject, status });
  const elsewhere = await explainElsewhere(system, subject);
  if (failure === undefined || elsewhere === undefined) return failure ?? elsewhere;
  const { summary, restartCount, logLines } = failure;
  return { ...withLines(elsewhere, logLines), summary, restartCount };
}

/** Of what its own probes call ready, and is of no use to others. */
async function explainUseless(
  system: System,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  if (subject.container !== "kube-apiserver") return explainIdle(system, subject);
  return (await explainLostAddress(system, subject)) ?? explainUntrusted(system, subject);
}

/** That what keeps it from getting ready is not its own: etcd, or the machine's address. */
async function explainElsewhere(
  system: System,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  return (await explainByEtcd(system, subject)) ?? explainLostAddress(system, subject);
}

/**
 * By itself. Of one that runs, what its log complains of counts first, while that is so; then, as long as this run has
 * not come up, how the one before it ended, for that may come again; then what its probe says.
 */
async function explainAlone(
  system: System,
  { status, ...subject }: ContainerSubject & { readonly status: ContainerStatus },
): Promise<ContainerFailure | undefined> {
  if (status.state.running === undefined) return explainContainer(system, subject);
  const complaint = await explainComplaint(system, subject);
  if (complaint !== undefined) return complaint;
  const before = status.started === true ? undefined : await explainContainer(system, subject);
  if (before !== undefined) {
    const since = `it runs since ${status.state.running.startedAt} and is not ready yet`;
    return { ...before, summary: describeUp(status), cause: `${since}; the run before: ${before.cause}` };
  }
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

/** What its log says; not that somebody does not answer whom it does not need, or who does answer now. */
async function readSaid(system: System, subject: ContainerSubject): Promise<FailureExplanation | undefined> {
  const component = subject.container;
  const lines = await readLastLines(system, { ...subject, previous: false });
  const untilMs = system.clock.nowMs();
  const said = explainFailure({ component, exitCode: undefined, signal: undefined, lines, untilMs });
  const address = said?.silentAddress;
  if (address === undefined) return said;
  const { command = [], args = [] } = findContainer(subject) ?? {};
  const isNeeded =
    component !== "kube-apiserver" || [...command, ...args].some((arg) => arg.includes(address));
  return isNeeded && !(await isAnswered(system, address)) ? said : undefined;
}

/** Whether a cluster is so new that nobody can have joined it. */
export interface Beginning {
  readonly isNew: boolean;
}

/**
 * What a container that runs complains of again and again and only a change can mend, such as a certificate that the
 * other side refuses: it would go on until a time-out of its own; or that somebody has stopped its process. Undefined as
 * long as that is not certain.
 */
export async function explainLastingComplaint(
  system: System,
  { isNew, ...subject }: ContainerSubject & OtherPods & Beginning,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  const suspended = await explainSuspended(system, subject);
  if (suspended !== undefined) return { ...suspended, permanent: true };
  const elsewhere = await explainElsewhere(system, subject);
  if (elsewhere !== undefined) {
    const said = await readSaid(system, subject);
    return withLines(elsewhere, said === undefined ? [] : selectDecisive(said));
  }
  if (status?.state.running === undefined) return undefined;
  const lines = await readLastLines(system, { ...subject, previous: false });
  const said = explainLasting({ component: subject.container, lines, isNew });
  if (said?.cause === undefined) return undefined;
  return { ...describeUnready(subject, { status, cause: said.cause, said }), permanent: true };
}

/** With lines of its own where etcd's are not what tells it. */
function withLines(failure: ContainerFailure, lines: readonly string[]): ContainerFailure {
  return failure.logLines.length > 0 ? failure : { ...failure, logLines: lines };
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
  return {
    summary: describeUp(status),
    cause,
    fix: said?.fix ?? describeLogs(subject),
    logLines: said === undefined ? [] : selectDecisive(said),
    permanent: false,
    inManifest: said?.inManifest ?? true,
    restartCount: status.restartCount,
  };
}

/** `not ready`, `runs again after exit code 1` */
function describeUp({ started, lastState: { terminated } }: ContainerStatus): string {
  if (started === true || terminated === undefined) return "not ready";
  return `runs again after ${describeEnd(terminated).replace("ended with ", "")}`;
}
