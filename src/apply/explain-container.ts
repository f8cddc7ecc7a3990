import { parseHostPort } from "../core/host-port.ts";
import { probePorts } from "../facts/probe-ports.ts";
import type { ContainerStatus } from "../pod/types.ts";
import { describeHeldPort } from "../preflight/check-ports.ts";
import { explainFailure, type FailureExplanation } from "../preflight/explain-failure.ts";
import type { System } from "../system/system.ts";
import {
  type ContainerSubject,
  describeLogs,
  findContainer,
  findStatus,
  readLastLines,
} from "./container-subject.ts";
import { explainWaiting } from "./explain-waiting.ts";

/** Why a container does not run or is not ready, for people. */
export interface ContainerFailure {
  /** `ended with exit code 1, 2 restarts`. */
  readonly summary: string;
  readonly cause: string;
  readonly fix: string;
  readonly logLines: readonly string[];
  /** It will not heal by itself. */
  readonly permanent: boolean;
  /** It may lie in what the pod's manifest says. */
  readonly inManifest: boolean;
  /** The manifest of another pod that it may lie in. */
  readonly otherManifest?: string;
  readonly restartCount: number;
}

/** What made a container end or kept it from starting; undefined while nothing is wrong with it. */
export async function explainContainer(
  system: System,
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const { container } = subject;
  const status = findStatus(subject);
  if (status === undefined) return undefined;
  const waiting = explainWaiting(subject, status);
  const ended = status.state.terminated ?? findFailedRun(status);
  if (waiting !== undefined || ended === undefined) return waiting;
  const previous = status.state.running !== undefined;
  const lines = await readLastLines(system, { ...subject, previous });
  const isSeen = ended.reason !== UNSEEN_REASON;
  const { condemnation } = subject.report.containers.find(({ name }) => name === container) ?? {};
  const explained = explainFailure({
    component: container,
    exitCode: isSeen && condemnation === undefined ? ended.exitCode : undefined,
    // A signal of the runner's own explains nothing.
    signal: isSeen && condemnation === undefined ? ended.signal : undefined,
    outOfMemory: ended.reason === "OOMKilled" ? { limit: findMemoryLimit(subject) } : undefined,
    lines,
    untilMs: ended.finishedAt === undefined ? system.clock.nowMs() : Date.parse(ended.finishedAt),
  });
  const now =
    (await describeTaken(system, { subject, taken: explained?.taken })) ??
    (await describeReturn(system, { container, address: explained?.silentAddress }));
  return {
    summary: `${describeEnd(ended)}${countRestarts(status.restartCount)}`,
    cause:
      now?.cause ??
      explained?.cause ??
      describeCondemnation(condemnation) ??
      (isSeen ? (explained?.decisiveLine ?? NO_LINE) : UNSEEN.cause),
    fix:
      now?.fix ??
      explained?.fix ??
      (isSeen ? `${describeLogs(subject)}${previous ? " --previous" : ""}` : UNSEEN.fix),
    logLines: explained === undefined ? [] : selectDecisive(explained),
    permanent: explained?.permanent ?? false,
    inManifest: now === undefined && isSeen && (explained?.inManifest ?? true),
    restartCount: status.restartCount,
  };
}

/** `it was killed, because its liveness probe failed: connection refused` */
function describeCondemnation(condemnation: string | undefined): string | undefined {
  return condemnation
    ?.replace(/^postStart: /, "it was killed, because its postStart hook failed: ")
    .replace(/^(\w+): /, "it was killed, because its $1 probe failed: ");
}

/** Its exit code is the runtime's word for not knowing. Source: kubelet kubelet_pods.go. */
const UNSEEN_REASON = "ContainerStatusUnknown";
const UNSEEN = {
  cause: "how it ended could not be written down: the disk was full, or the machine went down",
  fix: "see whether the disk has room (df -h), or have it looked at: slipway doctor",
} as const;

const NO_LINE = "it left no line in its log";

function findMemoryLimit(subject: ContainerSubject): string | undefined {
  const limit = findContainer(subject)?.resources?.limits?.["memory"];
  return limit === undefined ? undefined : String(limit);
}

/** Who keeps it from its port now; undefined where nobody does any more but the container itself. */
async function describeTaken(
  system: System,
  { subject, taken }: { readonly subject: ContainerSubject; readonly taken: FailureExplanation["taken"] },
): Promise<{ readonly cause: string; readonly fix: string } | undefined> {
  if (taken === undefined) return undefined;
  const { container, report } = subject;
  const [port] = await probePorts(system, { ports: [{ name: container, ...taken }] });
  if (
    port?.problem !== "EADDRINUSE" ||
    report.containers.some(({ pid }) => pid === port.holder?.pid && pid !== undefined)
  )
    return undefined;
  const { why, fix } = describeHeldPort(port, `port ${port.port}`);
  return { cause: why, fix };
}

/** What has become of somebody who did not answer, if he does now. */
async function describeReturn(
  system: Pick<System, "net">,
  { container, address }: { readonly container: string; readonly address: string | undefined },
): Promise<{ readonly cause: string; readonly fix: string } | undefined> {
  if (address === undefined || !(await isAnswered(system, address))) return undefined;
  return {
    cause: `nothing answered ${container} at ${address} then; somebody does now`,
    fix: "wait, for it starts again by itself; to see it: slipway status -w",
  };
}

/** Who is there answers at once, and a network that swallows what is sent is no answer. */
const CONNECT_MS = 1000;

/** Whether somebody listens at `host:port` now. */
export async function isAnswered(system: Pick<System, "net">, address: string): Promise<boolean> {
  const { host = "", port } = parseHostPort(address) ?? {};
  if (port === undefined) return false;
  return system.net.probeConnect({ host, port, timeoutMs: CONNECT_MS }).then(
    () => true,
    // Whatever the system says, nobody has answered.
    () => false,
  );
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

/** The decisive line, when there is one. */
export function selectDecisive({ decisiveLine }: FailureExplanation): readonly string[] {
  return decisiveLine === "" ? [] : [decisiveLine];
}
