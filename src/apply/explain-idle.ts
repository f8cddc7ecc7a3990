import { explainLasting } from "../preflight/explain-failure.ts";
import { parseLogLine } from "../preflight/parse-log-line.ts";
import type { System } from "../system/system.ts";
import { type ContainerSubject, findStatus, readLastLines } from "./container-subject.ts";
import { type ContainerFailure, selectDecisive } from "./explain-container.ts";

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
  subject: ContainerSubject,
): Promise<ContainerFailure | undefined> {
  const status = findStatus(subject);
  const waitsFor = WAITS_FOR[subject.container];
  if (status?.ready !== true || status.state.running === undefined || waitsFor === undefined)
    return undefined;
  const all = await readLastLines(system, { ...subject, previous: false });
  const ledMs = all.findLast(({ line }) => ELECTED.test(line))?.atMs ?? Number.NEGATIVE_INFINITY;
  const lines = all.filter(
    ({ atMs, line }) => waitsFor.test(parseLogLine(line).text) && atMs - ledMs >= PUBLISH_MS,
  );
  const lastMs = lines.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  if (system.clock.nowMs() - lastMs > TRIES_MS) return undefined;
  if (all.some(({ atMs, line }) => atMs >= lastMs && ACQUIRED.test(line))) return undefined;
  const said = explainLasting({ component: subject.container, lines, ready: true });
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
