import { findManifestProcesses } from "../facts/find-manifest-processes.ts";
import { selectFlag } from "../facts/kubelet-sources.ts";
import { readProcess } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";
import { endProcess } from "./end-process.ts";

/** What requests that were begun get to end; watches, which never end by themselves, keep the API server for longer. */
const LAST_REQUESTS_MS = 3000;

const POLL_MS = 50;

/**
 * Does work that stops the kube-apiserver of a manifest, and ends that one some seconds after it has stopped listening:
 * told to end, it waits until every client has left, or until its grace is over. Rejects as the work does.
 * Source: apiserver pkg/server/signal.go: the second SIGTERM ends it at once.
 */
export async function endDeafServer(
  system: System,
  { manifest, work }: { readonly manifest: string; readonly work: () => Promise<void> },
): Promise<void> {
  const worked = new AbortController();
  const outcomes = await Promise.allSettled([
    work().finally(() => worked.abort()),
    endWhenDeaf(system, { manifest, signal: worked.signal }),
  ]);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

/** Resolves when it is gone, or the signal is aborted. */
async function endWhenDeaf(
  system: System,
  options: { readonly manifest: string; readonly signal: AbortSignal },
): Promise<void> {
  const { manifest, signal } = options;
  let deafSinceMs: number | undefined;
  while (!signal.aborted) {
    const [pid] = await findManifestProcesses(system, manifest);
    if (pid === undefined) return;
    const nowMs = system.clock.monotonicMs();
    deafSinceMs = (await listens(system, pid)) ? undefined : (deafSinceMs ?? nowMs);
    if (deafSinceMs !== undefined && nowMs - deafSinceMs >= LAST_REQUESTS_MS) await endProcess(system, pid);
    await system.clock.sleep(POLL_MS);
  }
}

async function listens(system: System, pid: number): Promise<boolean> {
  const argv = (await readProcess(system, pid))?.argv ?? [];
  const host = selectFlag(argv, "advertise-address") ?? "127.0.0.1";
  const port = Number(selectFlag(argv, "secure-port") ?? 6443);
  try {
    await system.net.probeConnect({ host, port, timeoutMs: 1000 });
    return true;
  } catch {
    return false;
  }
}
