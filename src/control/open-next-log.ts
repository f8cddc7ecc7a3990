import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import type { FileSystem } from "../system/file-system.ts";
import { listRotated } from "./rotated-log-files.ts";

/**
 * What came behind a log file that was read: nothing yet; the same file, cut to nothing; or another live file, with
 * the rotated ones `between` that were live since, oldest first.
 */
export type NextLog =
  | { readonly kind: "none" }
  | { readonly kind: "cut" }
  | {
      readonly kind: "file";
      readonly between: readonly string[];
      readonly file: FileHandle;
      readonly newestRotated: string | undefined;
    };

/** Looks for what came behind `file`, of which `position` bytes were read. */
export async function openNextLog(
  fs: FileSystem,
  options: {
    readonly path: string;
    readonly file: FileHandle;
    readonly position: number;
    readonly newestRotated: string | undefined;
  },
): Promise<NextLog> {
  const [named, open] = [await fs.stat(options.path), await options.file.stat()];
  if (named === undefined) return { kind: "none" };
  if (named.ino === open.ino && named.dev === open.dev) {
    return { kind: open.size < options.position ? "cut" : "none" };
  }
  const file = await openIfThere(fs, options.path);
  if (file === undefined) return { kind: "none" };
  const names = await listRotated(fs, options.path);
  const inodes = await Promise.all(
    names.map(async (name) => (await fs.stat(join(dirname(options.path), name)))?.ino),
  );
  // The new file may have been rotated in turn since it was opened.
  const own = inodes.indexOf((await file.stat()).ino);
  const known = own < 0 ? names : names.slice(0, own);
  const between = known.slice(indexBehind(known, { ...options, readIndex: inodes.indexOf(open.ino) }));
  return { kind: "file", between, file, newestRotated: known.at(-1) };
}

/** The file that was read is among the rotated ones, by its inode or, compressed since, as the first new name; or removed. */
function indexBehind(
  names: readonly string[],
  options: { readonly readIndex: number; readonly newestRotated: string | undefined },
): number {
  if (options.readIndex >= 0) return options.readIndex + 1;
  const { newestRotated = "" } = options;
  const plainName = (name: string): string => name.replace(/\.gz$/, "");
  const firstNew = names.findIndex((name) => plainName(name) > plainName(newestRotated));
  if (firstNew < 0) return names.length;
  return names[firstNew]?.endsWith(".gz") === true ? firstNew + 1 : firstNew;
}

async function openIfThere(fs: FileSystem, path: string): Promise<FileHandle | undefined> {
  try {
    return await fs.open(path, { flags: "r" });
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}
