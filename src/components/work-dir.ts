import { join } from "node:path";
import { describeFileError } from "../core/errors.ts";
import { removeTree } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { makeCacheDir } from "./cache-dirs.ts";
import { makeDirs } from "./directories.ts";

/** Below a cache directory: one directory for each build that is going on. */
export const WORK_DIR = "work";

/**
 * Does the work with a new directory of the cache's file system, which is removed afterwards whatever happens.
 * What a killed process left behind is removed first.
 */
export async function withWorkDir<Result>(
  system: System,
  work: (dir: string) => Promise<Result>,
): Promise<Result> {
  const parent = join(await makeCacheDir(system), WORK_DIR);
  await makeDirs(system, { path: parent, mode: 0o700 });
  await sweep(system, parent);
  const dir = join(parent, `${system.host.pid}-${system.random.hex(4)}`);
  await makeDirs(system, { path: dir, mode: 0o700 });
  try {
    return await work(dir);
  } catch (error) {
    throw describeFileError(error, { action: "work in", path: dir });
  } finally {
    await removeTree(system, dir);
  }
}

async function sweep(system: System, parent: string): Promise<void> {
  for (const name of await system.fs.list(parent)) {
    const pid = Number(name.split("-")[0]);
    if (!Number.isInteger(pid) || pid <= 0) continue;
    const lives = (await system.fs.stat(`/proc/${pid}`)) !== undefined;
    if (!lives) await removeTree(system, join(parent, name));
  }
}
