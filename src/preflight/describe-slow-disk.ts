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

/** What there is to say of etcd's disk; undefined while it is fast enough, and where etcd does not tell. */
export function describeSlowDisk(syncs: EtcdSyncs | undefined): FindingText | undefined {
  if (syncs === undefined) return undefined;
  const { count, overOneSecond, p99Ms } = syncs;
  const isSlow = count >= ENOUGH_SYNCS && p99Ms > SLOW_SYNC_MS;
  if (overOneSecond === 0 && !isSlow) return undefined;
  return {
    what: "etcd's disk is slow",
    why: `etcd has waited ${overOneSecond} times over a second for its log to be durable, and one time in a hundred over ${p99Ms / 2} ms`,
    fix: "give etcd's data directory a faster disk (SSD), or take other writers off that one (iostat -x 1)",
  };
}
