import type { System } from "../system/system.ts";

/** How long etcd's disk took to write, in the terms of its histogram. */
export interface EtcdSyncs {
  readonly count: number;
  readonly overOneSecond: number;
  /** The upper bound of the bucket in which the 99th of 100 lies; the last bucket's when it lies beyond all. */
  readonly p99Ms: number;
}

/** etcd answers at once; one that does not is told by other checks. */
const TIMEOUT_MS = 2000;

/** Asks etcd's metrics at `http://HOST:PORT`; undefined when it does not answer with them. */
export async function readEtcdSyncs(
  system: Pick<System, "net">,
  options: { readonly origin: string },
): Promise<EtcdSyncs | undefined> {
  try {
    const { body } = await system.net.request({
      url: `${options.origin}/metrics`,
      timeoutMs: TIMEOUT_MS,
      tls: { insecure: true },
    });
    return parseSyncs(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

const NAME = "etcd_disk_wal_fsync_duration_seconds";

/** The bucket next above a second. Source: etcd storage/wal/metrics.go: from 1 ms, each twice the one before. */
const ONE_SECOND_BUCKET = "1.024";

/** The histogram in Prometheus' text format; undefined when it is not there or empty. */
export function parseSyncs(text: string): EtcdSyncs | undefined {
  const buckets = [...text.matchAll(new RegExp(`^${NAME}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm"))].map(
    ([, bound = "", value]) => ({ bound, value: Number(value) }),
  );
  const count = buckets.find(({ bound }) => bound === "+Inf")?.value ?? 0;
  const withinSecond = buckets.find(({ bound }) => bound === ONE_SECOND_BUCKET)?.value;
  const finite = buckets.filter(({ bound }) => bound !== "+Inf");
  const holder = finite.find(({ value }) => value >= count * 0.99) ?? finite.at(-1);
  if (count === 0 || withinSecond === undefined || holder === undefined) return undefined;
  return { count, overOneSecond: count - withinSecond, p99Ms: Number(holder.bound) * 1000 };
}
