import { explainLasting, type FailureExplanation, type TimedLine } from "../preflight/explain-failure.ts";
import { LOST_LOG_END } from "../preflight/failure-patterns.ts";
import { parseLogLine } from "../preflight/parse-log-line.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findStatus, type OtherPods, readLastLines } from "./container-subject.ts";
import { type ContainerFailure, selectDecisive } from "./explain-container.ts";
import { explainLostServer } from "./explain-lost-server.ts";

/**
 * Who tries in vain says so this often at least: with a lease to get every 2 to 4.4 s, or 10 s where nobody answers;
 * etcd every 7 s. Source: client-go leaderelection JitterFactor, kubeadm's RetryPeriod; etcdserver ReqTimeout.
 */
const TRIES_MS = 15_000;

/**
 * What keeps a component from its work that its own probes call ready: a controller manager or scheduler that the API
 * server gives no lease, an etcd that answers but writes nothing. Undefined as long as that is not certain.
 */
export async function explainIdle(
  system: System,
  subject: ContainerSubject & OtherPods,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  const waitsFor = WAITS_FOR[subject.container];
  if (status?.ready !== true || status.state.running === undefined || waitsFor === undefined)
    return undefined;
  const isEtcd = subject.container === "etcd";
  const tail = isEtcd ? { tailLines: START_LINES } : {};
  const lines = await readLastLines(system, { ...subject, previous: false, ...tail });
  const nowMs = system.clock.nowMs();
  const lost = isEtcd ? explainLostEnd(lines) : undefined;
  const tries = selectTries(lines, { waitsFor, nowMs });
  const said =
    lost ??
    explainLasting({ component: subject.container, lines: tries, ready: true }) ??
    (await explainLostServer(system, { subject, tries }));
  if (said?.cause === undefined) return undefined;
  return {
    summary: "up, but idle",
    cause: said.cause,
    fix: said.fix ?? "slipway doctor",
    logLines: selectDecisive(said),
    permanent: true,
    inManifest: false,
    restartCount: status.restartCount,
  };
}

/** Where it complains of not having what it waits for; none once it has, or where it has ceased to. */
function selectTries(
  lines: readonly TimedLine[],
  options: { readonly waitsFor: RegExp; readonly nowMs: number },
): readonly TimedLine[] {
  const ledMs = lines.findLast(({ line }) => ELECTED.test(line))?.atMs ?? Number.NEGATIVE_INFINITY;
  const tries = lines.filter(
    ({ atMs, line }) => options.waitsFor.test(parseLogLine(line).text) && atMs - ledMs >= PUBLISH_MS,
  );
  const lastMs = tries.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  if (options.nowMs - lastMs > TRIES_MS) return [];
  return lines.some(({ atMs, line }) => atMs >= lastMs && ACQUIRED.test(line)) ? [] : tries;
}

/** Reaches back to etcd's start, which says in some 80 lines that it is up. */
const START_LINES = 200;

/**
 * Etcd writes to its log before it writes to its database, and tells at its start how far each goes. Whatever is written
 * below the database's end is taken for done already. Source: go.etcd.io/etcd/server etcdserver/bootstrap.go,
 * etcdserver/server.go applyEntryNormal; go.etcd.io/raft raft.go newRaft.
 */
function explainLostEnd(lines: readonly TimedLine[]): FailureExplanation | undefined {
  const [, database] = matchLast(lines, /"msg":"restore consistentIndex","index":(\d+)/) ?? [];
  // Other members would give it back what it has lost.
  const [raft = "", log] =
    matchLast(lines, /newRaft \w+ \[peers: \[\w*\],[^"]*\blastindex: (\d+)[^"]*/) ?? [];
  if (database === undefined || log === undefined || Number(database) <= Number(log)) return undefined;
  if (lines.some(({ line }) => ACQUIRED.test(line))) return undefined;
  return {
    ...LOST_LOG_END,
    cause: `${LOST_LOG_END.cause} (it ends at entry ${log}, the database at ${database})`,
    decisiveLine: raft,
    permanent: true,
    inManifest: false,
  };
}

function matchLast(lines: readonly TimedLine[], pattern: RegExp): RegExpExecArray | undefined {
  const line = lines.findLast((candidate) => pattern.test(candidate.line));
  return line === undefined ? undefined : (pattern.exec(line.line) ?? undefined);
}

/** Source: client-go leaderelection.go (1.34 to 1.37); go.etcd.io/etcd/server etcdserver/server.go publishV3. */
const LEASE = /^error retrieving (?:resource lock|lease lock)/i;
const WAITS_FOR: Readonly<Record<string, RegExp>> = {
  etcd: /^failed to publish local member/,
  "kube-controller-manager": LEASE,
  "kube-scheduler": LEASE,
};
const ACQUIRED = /successfully acquired lease|published local member/i;

/**
 * What etcd began to write before its cluster had a leader is lost, and tried again when this has passed. Source:
 * go.etcd.io/raft node.go; go.etcd.io/etcd/server config.go ReqTimeout.
 */
const ELECTED = /raft\.node: \w+ (?:elected|changed|lost) leader/;
const PUBLISH_MS = 7000;
