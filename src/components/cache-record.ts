import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";

/** What tells that a file is still the one that was hashed. */
export interface Stamp {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly dev: number;
  readonly ino: number;
}

/** What is kept beside a cached binary. */
export interface CacheRecord {
  readonly sha256: string;
  readonly origin: string;
  readonly stamp: Stamp;
}

/**
 * The stamp of a program that may be run: a regular file of root or of this user that nobody else can write.
 * Undefined for anything else.
 */
export async function readStamp(system: System, path: string): Promise<Stamp | undefined> {
  const status = await system.fs.lstat(path).catch(() => undefined);
  if (status?.kind !== "file" || (status.mode & 0o022) !== 0) return undefined;
  if (status.uid !== 0 && status.uid !== system.host.uid) return undefined;
  const { sizeBytes, modifiedMs, dev, ino } = status;
  return { sizeBytes, modifiedMs, dev, ino };
}

/** Whether two stamps are of the same, unchanged file. */
export function sameStamp(left: Stamp, right: Stamp): boolean {
  return (
    left.sizeBytes === right.sizeBytes &&
    left.modifiedMs === right.modifiedMs &&
    left.dev === right.dev &&
    left.ino === right.ino
  );
}

/** Reads a record; undefined for anything that is none. */
export function parseCacheRecord(text: string | undefined): CacheRecord | undefined {
  const value = parseJson(text);
  if (!isObject(value)) return undefined;
  const { sha256, origin } = value;
  const stamp = parseStamp(value["stamp"]);
  if (typeof sha256 !== "string" || typeof origin !== "string" || stamp === undefined) return undefined;
  return { sha256, origin, stamp };
}

/** Reads a stamp out of JSON; undefined for anything that is none. */
export function parseStamp(value: unknown): Stamp | undefined {
  if (!isObject(value)) return undefined;
  const { sizeBytes, modifiedMs, dev, ino } = value;
  if (typeof sizeBytes !== "number" || typeof modifiedMs !== "number") return undefined;
  if (typeof dev !== "number" || typeof ino !== "number") return undefined;
  return { sizeBytes, modifiedMs, dev, ino };
}

/** JSON that we wrote ourselves; a file that was cut or garbled is as good as none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
