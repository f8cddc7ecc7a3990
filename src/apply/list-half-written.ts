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
  const found = await Promise.all(
    dirs.map(async (dir) => {
      if ((await system.fs.lstat(dir))?.kind !== "directory") return [];
      return (await system.fs.list(dir))
        .filter((name) => {
          const target = namedHalfWritten(name);
          return target !== undefined && wanted.has(join(dir, target));
        })
        .map((name) => join(dir, name));
    }),
  );
  return found.flat();
}

/** Takes it away: nobody else would but reset. For a command that has the lock, so that nobody is writing them now. */
export async function removeHalfWritten(system: Pick<System, "fs">, files: readonly string[]): Promise<void> {
  for (const path of await listHalfWritten(system, files)) await system.fs.removeFile(path);
}
