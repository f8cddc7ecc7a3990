import { constants } from "node:fs";
import { dirname } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { PathFact } from "./types.ts";

/** What stands at a path (symlinks are followed); a directory's entries are counted. */
export async function readPathFact(system: System, path: string): Promise<PathFact> {
  const status = await system.fs.stat(path);
  if (status?.kind !== "directory") return { path, status, entryCount: undefined };
  const names = await system.fs.list(path).catch(() => undefined);
  return { path, status, entryCount: names?.length };
}

/** The path itself, or the nearest parent that exists and can be looked at. */
export async function findExistingParent(system: System, path: string): Promise<string> {
  let current = path;
  while (current !== dirname(current) && !(await isThere(system, current))) current = dirname(current);
  return current;
}

/** A path behind a directory that may not be entered, or behind a file, is not there for this user. */
async function isThere(system: System, path: string): Promise<boolean> {
  try {
    return (await system.fs.stat(path)) !== undefined;
  } catch (error) {
    if (systemErrorCode(error) === "EACCES" || systemErrorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}

/** Which of these directories nothing can be made in: for those not there yet, their nearest existing parent. */
export async function findUnwritable(system: System, dirs: readonly string[]): Promise<readonly string[]> {
  const parents = new Set(await Promise.all(dirs.map((dir) => findExistingParent(system, dir))));
  const writable = await Promise.all(
    [...parents].map((dir) => system.fs.access(dir, constants.W_OK | constants.X_OK)),
  );
  return [...parents].filter((_dir, index) => writable[index] === false).sort();
}
