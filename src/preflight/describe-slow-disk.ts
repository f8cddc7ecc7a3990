import type { EtcdSyncs } from "../facts/read-etcd-syncs.ts";
import type { FindingText } from "./init-check.ts";

/**
 * What etcd's documentation asks of a disk is 10 ms for 99 of 100 writes, which holds for a busy cluster; one at rest
 * is well with ten times that, where etcd begins to warn of slow requests.
 * Source: etcd op-guide/hardware; server/embed/config.go DefaultWarningApplyDuration (100 ms).
 */
const SLOW_SYNC_MS = 128;

/** So many writes make a share of a hundredth mean something. */
const ENOUGH_SYNCS = 200;

/** Ours: a disk that hung once, long ago, is not slow for ever. */
const HANGING_SHARE = 0.001;

/** What there is to say of etcd's disk; undefined while it is fast enough, and where etcd does not tell. */
export function describeSlowDisk(syncs: EtcdSyncs | undefined): FindingText | undefined {
  if (syncs === undefined) return undefined;
  const { count, overOneSecond, p99Ms } = syncs;
  const isSlow = count >= ENOUGH_SYNCS && p99Ms > SLOW_SYNC_MS;
  const hangs = overOneSecond > 0 && overOneSecond >= count * HANGING_SHARE;
  if (!hangs && !isSlow) return undefined;
  const parts = [
    ...(hangs ? [`${overOneSecond} took over a second`] : []),
    ...(isSlow ? [`one in a hundred ${hangs ? "" : "took "}over ${p99Ms / 2} ms`] : []),
  ];
  return {
    what: "etcd's disk is slow",
    why: `of the ${count} times that etcd made its log durable since it started, ${parts.join(" and ")}`,
    fix: "give etcd's data directory a faster disk (SSD), or take other writers off that one (iostat -x 1)",
  };
}
