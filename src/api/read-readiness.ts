import { type Answer, requestOrReason } from "./request-or-reason.ts";
import type { ApiClient } from "./types.ts";
import { parseFailedChecks } from "./wait-for-path.ts";

/** An API server that listens may answer nothing yet, as while it waits for etcd; one that has come up answers this at once. */
const PING = { path: "/livez/ping", timeoutMs: 1000 } as const;

/**
 * The checks that ask etcd: each may take 2 s, and all of /readyz takes one after the other. Source: kube-apiserver
 * --etcd-healthcheck-timeout, --etcd-readycheck-timeout; apiserver pkg/server/options/etcd.go (names).
 */
const ETCD_CHECKS = ["etcd", "etcd-readiness"] as const;
const TIMEOUT_MS = 2500;

/** Whether an API server is ready, and which checks of its /readyz fail. */
export interface Readiness {
  /** What it answered, or why there was no answer; undefined: it is ready. */
  readonly problem: string | undefined;
  readonly failedChecks: readonly string[];
}

/** Asks an API server how it does: a few milliseconds, or 2.5 s at most where it or its etcd hangs. Never rejects for that. */
export async function readReadiness(client: Pick<ApiClient, "request">): Promise<Readiness> {
  const ask = (path: string, timeoutMs: number = TIMEOUT_MS): Promise<Answer> =>
    requestOrReason(client, { method: "GET", path, timeoutMs });
  const ping = await ask(PING.path, PING.timeoutMs);
  if (ping.response === undefined) return { problem: ping.reason, failedChecks: [] };
  const [others, ...ofEtcd] = await Promise.all([
    ask(`/readyz?verbose&${ETCD_CHECKS.map((name) => `exclude=${name}`).join("&")}`),
    ...ETCD_CHECKS.map((name) => ask(`/readyz/${name}`)),
  ]);
  const failedChecks = [
    ...ETCD_CHECKS.filter((_name, index) => isFailing(ofEtcd[index])),
    ...parseFailedChecks(others.response?.text ?? ""),
  ];
  const isReady = others.response?.status === 200 && failedChecks.length === 0;
  return { problem: isReady ? undefined : others.reason, failedChecks };
}

/** An older API server may not have the check. */
function isFailing(answer: Answer | undefined): boolean {
  const status = answer?.response?.status;
  return status === undefined || (status >= 500 && status < 600);
}
