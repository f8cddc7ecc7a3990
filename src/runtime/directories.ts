import { dirname, join } from "node:path";
import type { System } from "../system/system.ts";

/** Makes a directory and the parents it lacks, each with this mode; what is there stays as it is. */
export async function makeDirs(
  system: System,
  options: { readonly path: string; readonly mode: number },
): Promise<void> {
  if ((await system.fs.stat(options.path)) !== undefined) return;
  await makeDirs(system, { path: dirname(options.path), mode: options.mode });
  await system.fs.makeDir(options.path, { mode: options.mode });
}

/** Removes a directory of ours with all that is in it; symbolic links are removed, not followed. */
export async function removeTree(system: System, path: string): Promise<void> {
  if ((await system.fs.lstat(path))?.kind !== "directory") {
    await system.fs.removeFile(path);
    return;
  }
  for (const name of await system.fs.list(path)) await removeTree(system, join(path, name));
  await system.fs.removeEmptyDir(path);
}
