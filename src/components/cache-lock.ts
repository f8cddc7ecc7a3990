import { join } from "node:path";
import { describeFileError, systemErrorCode } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { splitProcessStat } from "../core/process-stat.ts";
import type { System } from "../system/system.ts";
import { type CacheKey, makeEntryDir } from "./cache.ts";
import { parseJson } from "./cache-record.ts";

/** How often a held lock is looked at again; a download or build takes much longer. */
const POLL_MS = 500;

/** Longer than the time between making a lock file and writing who holds it. */
const EMPTY_LOCK_STALE_MS = 10_000;

/** Who holds a lock. */
interface LockHolder {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: tells a process from a later one with its number. */
  readonly startTime: string;
}

/**
 * Does the work while holding the lock of each of these cache entries; waits for other processes that hold one,
 * telling of it once. A lock whose process is gone is taken over. Locks only save doing work twice: what is
 * installed is complete at every moment even if two processes should believe they hold one.
 * Raises SLIPWAY_FILE_ACCESS; rejects with the signal's reason.
 */
export async function withCacheLocks<Result>(
  system: System,
  options: {
    readonly keys: readonly CacheKey[];
    readonly work: () => Promise<Result>;
    readonly onNote: (line: string) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Result> {
  const inOneOrder = [...options.keys].sort((left, right) => (left.name < right.name ? -1 : 1));
  const held: string[] = [];
  try {
    for (const key of inOneOrder) held.push(await acquire(system, { ...options, key }));
    return await options.work();
  } finally {
    for (const path of held) await system.fs.removeFile(path);
  }
}

/** The lock file of a cache entry's directory. */
export const LOCK_FILE = ".lock";

async function acquire(
  system: System,
  options: {
    readonly key: CacheKey;
    readonly onNote: (line: string) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<string> {
  const path = join(await makeEntryDir(system, options.key), LOCK_FILE);
  const startTime = (await readStartTime(system, system.host.pid)) ?? "unknown";
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    if (await create(system, { path, holder: { pid: system.host.pid, startTime } })) return path;
    const holder = await readHolder(system, path);
    if (holder === "gone") {
      await system.fs.removeFile(path);
      continue;
    }
    if (!told)
      options.onNote(
        `waiting for ${holder.pid === undefined ? "another process" : `process ${holder.pid}`}, which is getting ${options.key.name} already`,
      );
    told = true;
    await system.clock.sleep(POLL_MS, options.signal);
  }
}

async function create(
  system: System,
  options: { readonly path: string; readonly holder: LockHolder },
): Promise<boolean> {
  try {
    const handle = await system.fs.open(options.path, { flags: "wx", mode: 0o644 });
    await handle.writeFile(JSON.stringify(options.holder)).finally(() => handle.close());
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw describeFileError(error, { action: "lock", path: options.path });
  }
}

async function readHolder(
  system: System,
  path: string,
): Promise<"gone" | { readonly pid: number | undefined }> {
  const value = parseJson(await system.fs.readTextIfExists(path));
  if (isObject(value) && typeof value["pid"] === "number") {
    const startTime = await readStartTime(system, value["pid"]);
    const lives =
      startTime !== undefined && (value["startTime"] === startTime || value["startTime"] === "unknown");
    return lives ? { pid: value["pid"] } : "gone";
  }
  const status = await system.fs.stat(path);
  const ageMs = system.clock.nowMs() - (status?.modifiedMs ?? 0);
  return ageMs > EMPTY_LOCK_STALE_MS ? "gone" : { pid: undefined };
}

async function readStartTime(system: System, pid: number): Promise<string | undefined> {
  const text = await system.fs.readTextIfExists(`/proc/${pid}/stat`);
  return text === undefined ? undefined : splitProcessStat(text)[19];
}
