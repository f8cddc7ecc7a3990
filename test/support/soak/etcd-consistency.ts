import { setTimeout as sleep } from "node:timers/promises";
import type { TestPlane } from "../plane.ts";
import { openEtcdClient } from "./api-client.ts";
import { listPlaneProcesses, signal } from "./plane-processes.ts";

/** What `etcdctl endpoint hashkv` shows, asked of etcd's own API. */
interface HashKv {
  readonly hash: number;
  readonly revision: string;
  readonly compactRevision: string;
}

/**
 * Whether etcd has on its disk what it says it has: the hash of its keys at one revision, before a kill -9 and after it
 * has read its data again; and whether it has raised an alarm itself. Gives what is wrong.
 */
export async function checkEtcd(plane: TestPlane): Promise<readonly string[]> {
  const client = openEtcdClient(plane);
  const ask = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await client.call("POST", `/v3/maintenance/${path}`, body);
    if (answer.status !== 200)
      throw new Error(`etcd answers ${answer.status}: ${JSON.stringify(answer.body)}`);
    // The gateway gives every message as an object.
    return answer.body as Record<string, unknown>;
  };
  const readHash = async (revision: string): Promise<HashKv> => {
    const answer = await ask("hashkv", { revision });
    const header = answer["header"] as { readonly revision: string };
    return {
      hash: Number(answer["hash"]),
      revision: header.revision,
      compactRevision: String(answer["compact_revision"]),
    };
  };
  try {
    const { revision } = await readHash("0");
    const before = await readHash(revision);
    for (const pid of listPlaneProcesses(plane.root).components.etcd) signal(pid, "SIGKILL");
    const after = await untilAnswered(() => readHash(revision));
    const { alarms = [] } = await ask("alarm", { action: "GET" });
    return [
      // Another compaction meanwhile takes away what the first hash had counted.
      ...(after.hash === before.hash || after.compactRevision !== before.compactRevision
        ? []
        : [
            `etcd's hash at revision ${revision} was ${before.hash} and is ${after.hash} after it was killed`,
          ]),
      ...(alarms as readonly unknown[]).map((alarm) => `etcd has raised ${JSON.stringify(alarm)}`),
    ];
  } finally {
    client.close();
  }
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 300) throw error;
      await sleep(200);
    }
  }
}
