import { basename, dirname, join, relative } from "node:path";
import type { ClusterPaths } from "../core/paths.ts";
import { makeDirs, removeTree } from "../system/directories.ts";
import { namedHalfWritten } from "../system/file-system.ts";
import type { System } from "../system/system.ts";

/**
 * Makes the state directory with the file in it that tells what else is ours, and the missing directories above it, all
 * at once: they are put together beside the topmost one and renamed. So whatever is there of them is written down,
 * whenever we are killed.
 */
export async function makeStateDir(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly file: { readonly path: string; readonly data: string };
  },
): Promise<void> {
  const { paths, file } = options;
  for (const path of await listHalfMade(system, paths)) await removeTree(system, path);
  const top = await findTopmostMissing(system, paths.stateDir);
  const draft = join(dirname(top), `.${basename(top)}.${system.random.hex(6)}.tmp`);
  const stateDir = join(draft, relative(top, paths.stateDir));
  try {
    if (stateDir !== draft) await makeDirs(system, { path: dirname(stateDir), mode: 0o755 });
    await system.fs.makeDir(stateDir, { mode: 0o700 });
    await system.fs.writeAtomic(join(stateDir, basename(file.path)), { data: file.data, mode: 0o600 });
    await system.fs.rename(draft, top);
  } catch (error) {
    await removeTree(system, draft);
    throw error;
  }
}

/** What a killed one of these has put together. */
export async function listHalfMade(system: System, paths: ClusterPaths): Promise<readonly string[]> {
  if ((await system.fs.lstat(paths.stateDir)) !== undefined) return [];
  const top = await findTopmostMissing(system, paths.stateDir);
  const names = await system.fs.list(dirname(top));
  return names
    .filter((name) => namedHalfWritten(name) === basename(top))
    .map((name) => join(dirname(top), name));
}

async function findTopmostMissing(system: System, path: string): Promise<string> {
  const parent = dirname(path);
  return (await system.fs.lstat(parent)) === undefined ? findTopmostMissing(system, parent) : path;
}
