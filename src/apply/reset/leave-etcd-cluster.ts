import { dirname, join } from "node:path";
import type { Arg } from "../../config/types.ts";
import { messageOf, systemErrorCode } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import { findArg } from "../../manifests/flags.ts";
import type { System } from "../../system/system.ts";

/**
 * Takes this machine's etcd out of its cluster when it has other members: they would go on to wait for it. The last
 * member cannot leave, and one that is down and was begun alone is taken for the last. Gives what the reader has to do
 * when it could not be done, else undefined.
 * Source: kubeadm app/phases/etcd/local.go RemoveStackedEtcdMemberFromCluster; etcd api/etcdserverpb/rpc.proto (the
 * cluster service, over etcd's JSON gateway).
 */
export async function leaveEtcdCluster(
  system: System,
  options: {
    readonly flags: readonly Arg[];
    readonly timeoutMs: number;
    readonly onWait: (detail: string) => void;
  },
): Promise<string | undefined> {
  const name = findArg(options.flags, "name") ?? "";
  const byHand = `when it has other members, run on one of them: etcdctl member list, then etcdctl member remove ID for "${name}"`;
  try {
    const ask = await openGateway(system, options);
    const members = readMembers(await ask("member/list", {}, Math.min(options.timeoutMs, LIST_TIMEOUT_MS)));
    const own = members.find((member) => member.name === name);
    if (own === undefined || members.length < 2) return undefined;
    const deadlineMs = system.clock.monotonicMs() + options.timeoutMs;
    await askUntil(() => ask("member/remove", { ID: own.ID }, options.timeoutMs), {
      isOver: () => system.clock.monotonicMs() > deadlineMs,
      pause: () => system.clock.sleep(POLL_MS),
      onWait: options.onWait,
    });
    return undefined;
  } catch (error) {
    if (systemErrorCode(error) === "ECONNREFUSED" && wasBegunAlone(options.flags)) return undefined;
    return `this etcd did not leave its cluster (${messageOf(error).replaceAll(/\s+/g, " ").trim()}); ${byHand}`;
  }
}

/** Whether no other member was named to it. Source: etcd --initial-cluster, kubeadm phases/etcd/local.go. */
function wasBegunAlone(flags: readonly Arg[]): boolean {
  return findArg(flags, "initial-cluster")?.split(",").length === 1;
}

/** A healthy cluster names its members at once; one that does not will let nobody go. Our choice. */
const LIST_TIMEOUT_MS = 5000;

/** Source: kubeadm app/constants EtcdAPICallRetryInterval. */
const POLL_MS = 500;

/** What etcd answers while members have known each other for less than 5 s, or too few of them do: 503. */
class UnhealthyError extends Error {}

/** Source: etcd server/etcdserver/server.go RemoveMember, HealthInterval. */
async function askUntil(
  work: () => Promise<unknown>,
  options: {
    readonly isOver: () => boolean;
    readonly pause: () => Promise<void>;
    readonly onWait: (detail: string) => void;
  },
): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof UnhealthyError) || options.isOver()) throw error;
      options.onWait(`etcd lets no member go yet: ${error.message}`);
      await options.pause();
    }
  }
}

type Ask = (path: string, body: Readonly<Record<string, unknown>>, timeoutMs: number) => Promise<unknown>;

/** etcd's own client certificate for probes is good for this, too. */
async function openGateway(system: System, { flags }: { readonly flags: readonly Arg[] }): Promise<Ask> {
  const caPath = findArg(flags, "trusted-ca-file") ?? "";
  const [url] = (findArg(flags, "listen-client-urls") ?? "").split(",");
  const [ca, cert, key] = await Promise.all([
    system.fs.readText(caPath),
    system.fs.readText(join(dirname(caPath), "healthcheck-client.crt")),
    system.fs.readText(join(dirname(caPath), "healthcheck-client.key")),
  ]);
  return async (path, body, timeoutMs) => {
    const response = await system.net.request({
      url: `${url}/v3/cluster/${path}`,
      method: "POST",
      body: JSON.stringify(body),
      tls: { ca, cert, key },
      timeoutMs,
    });
    const text = response.body.toString("utf8");
    const problem = `etcd answered ${response.status}: ${text.slice(0, 200)}`;
    if (response.status === 503) throw new UnhealthyError(problem);
    if (response.status !== 200) throw new Error(problem);
    return JSON.parse(text) as unknown;
  };
}

interface Member {
  readonly ID: string;
  readonly name: string;
}

function readMembers(answer: unknown): readonly Member[] {
  const members: unknown = isObject(answer) ? answer["members"] : undefined;
  if (!Array.isArray(members)) throw new Error("etcd's list of members is none");
  return members.filter(isObject).map(({ ID, name }) => ({ ID: String(ID), name: String(name ?? "") }));
}
