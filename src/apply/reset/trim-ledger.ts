import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import { readLedger, writeLedger } from "../ledger.ts";

/** Takes out of a ledger that stays what is no more. */
export async function trimLedger(system: System, paths: ClusterPaths): Promise<void> {
  const ledger = await readLedger(system, paths);
  if (ledger === undefined) return;
  const there = await Promise.all(
    ledger.entries.map(async ({ path }) => (await system.fs.lstat(path)) !== undefined),
  );
  const entries = ledger.entries.filter((_entry, index) => there[index]);
  if (entries.length < ledger.entries.length)
    await writeLedger(system, { paths, ledger: { ...ledger, entries } });
}
