import { dirname, join } from "node:path";
import { namedHalfWritten } from "../system/file-system.ts";
import type { System } from "../system/system.ts";

/** What a killed command had begun to write in place of these files. */
export async function listHalfWritten(
  system: Pick<System, "fs">,
  files: readonly string[],
): Promise<readonly string[]> {
  const wanted = new Set(files);
  const dirs = [...new Set(files.map((path) => dirname(path)))];
  const found = await Promise.all(dirs.map((dir) => listHalfWrittenIn(system, dir)));
  return found.flat().flatMap(({ path, target }) => (wanted.has(target) ? [path] : []));
}

/** What was begun to be written in a directory, and in place of what; nothing behind a link. */
export async function listHalfWrittenIn(
  system: Pick<System, "fs">,
  dir: string,
): Promise<readonly { readonly path: string; readonly target: string }[]> {
  if ((await system.fs.lstat(dir))?.kind !== "directory") return [];
  return (await system.fs.list(dir)).flatMap((name) => {
    const target = namedHalfWritten(name);
    return target === undefined ? [] : [{ path: join(dir, name), target: join(dir, target) }];
  });
}

/** Takes it away: nobody else would but reset. For a command that has the lock, so that nobody is writing them now. */
export async function removeHalfWritten(system: Pick<System, "fs">, files: readonly string[]): Promise<void> {
  for (const path of await listHalfWritten(system, files)) await system.fs.removeFile(path);
}
