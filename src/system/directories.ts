import { dirname, join } from "node:path";
import type { FileStatus } from "./file-system.ts";
import type { System } from "./system.ts";

/** Makes a directory and the parents it lacks, each with this mode; what is there stays as it is. */
export async function makeDirs(
  system: Pick<System, "fs">,
  options: { readonly path: string; readonly mode: number },
): Promise<void> {
  const { path, mode } = options;
  if ((await system.fs.stat(path)) !== undefined) return;
  await makeDirs(system, { path: dirname(path), mode });
  await system.fs.makeDir(path, { mode });
}

/** The directories above a path that are not there, outermost first. */
export async function listMissingParents(
  system: Pick<System, "fs">,
  path: string,
): Promise<readonly string[]> {
  const parent = dirname(path);
  if (parent === path || (await system.fs.stat(parent)) !== undefined) return [];
  return [...(await listMissingParents(system, parent)), parent];
}

/** Removes a directory or file with all that is below; follows no link and leaves what is mounted there. */
export async function removeTree(system: Pick<System, "fs">, path: string): Promise<void> {
  const top = await system.fs.lstat(path);
  if (top !== undefined) await remove(system, { path, status: top, dev: top.dev });
}

async function remove(
  system: Pick<System, "fs">,
  options: { readonly path: string; readonly status: FileStatus; readonly dev: number },
): Promise<void> {
  const { path, status, dev } = options;
  if (status.kind !== "directory") {
    await system.fs.removeFile(path);
    return;
  }
  if (status.dev !== dev) return;
  for (const name of await system.fs.list(path)) {
    const inner = join(path, name);
    const innerStatus = await system.fs.lstat(inner);
    if (innerStatus !== undefined) await remove(system, { path: inner, status: innerStatus, dev });
  }
  await system.fs.removeEmptyDir(path);
}
