import { dirname } from "node:path";
import type { System } from "../system/system.ts";

/**
 * A file that a component loaded before it was changed or put in its place, the first one; undefined when it runs with
 * the present ones or does not run. Times are compared in whole seconds, as a pod's status gives them: a component starts
 * when its files are there.
 */
export async function findOutdatedFile(
  system: Pick<System, "fs">,
  options: {
    /** Of its present run, as its status gives it; undefined: it does not run. */
    readonly startedAt: string | undefined;
    readonly loads: readonly string[];
    /** Files that are going to be changed. */
    readonly changing?: ReadonlySet<string>;
  },
): Promise<string | undefined> {
  const { startedAt, loads, changing } = options;
  if (startedAt === undefined) return undefined;
  const startedSeconds = toSeconds(Date.parse(startedAt));
  for (const path of loads) {
    if (changing?.has(path) === true) return path;
    const file = await system.fs.stat(path);
    if (file === undefined) continue;
    if (toSeconds(file.changedMs) > startedSeconds) return path;
    if (await wasMovedSince(system, { path, startedSeconds })) return path;
  }
  return undefined;
}

/**
 * Whether a directory above a file has been moved: that changes nothing of the file, and the directory's place but not
 * its content. Source: rename(2) on ext4, XFS, Btrfs and tmpfs.
 */
async function wasMovedSince(
  system: Pick<System, "fs">,
  { path, startedSeconds }: { readonly path: string; readonly startedSeconds: number },
): Promise<boolean> {
  const dir = dirname(path);
  if (dir === path) return false;
  const status = await system.fs.stat(dir);
  if (status === undefined) return false;
  const isMoved =
    toSeconds(status.changedMs) > startedSeconds && toSeconds(status.modifiedMs) <= startedSeconds;
  return isMoved || wasMovedSince(system, { path: dir, startedSeconds });
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
