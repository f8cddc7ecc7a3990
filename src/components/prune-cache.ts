import { join } from "node:path";
import { describeFileError } from "../core/errors.ts";
import { removeTree } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { platformDir, selectCacheDirs } from "./cache-dirs.ts";
import { measureTree } from "./directories.ts";
import { GO_DIR } from "./sources/go-toolchain.ts";
import { COMPONENT_NAMES, TOOL_NAMES } from "./types.ts";
import { VERSIONS_DIR } from "./version-memory.ts";
import { WORK_DIR } from "./work-dir.ts";

/** Something in a cache that `components prune` removes. */
export interface PrunableEntry {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * What `pruneCache` would remove from the caches that this user may change, or from the one that `SLIPWAY_CACHE_DIR`
 * names: binaries of every version and unfinished
 * downloads, remembered versions, leftovers of builds, and Go's caches where they lie here.
 */
export async function listPrunable(system: System): Promise<readonly PrunableEntry[]> {
  const entries: PrunableEntry[] = [];
  const cacheDirs = selectCacheDirs(system);
  const chosen = system.host.env["SLIPWAY_CACHE_DIR"];
  for (const cacheDir of chosen ? cacheDirs.slice(0, 1) : cacheDirs) {
    const owner = (await system.fs.stat(cacheDir).catch(() => undefined))?.uid;
    if (owner === undefined || (system.host.uid !== 0 && owner !== system.host.uid)) continue;
    for (const path of await listOurs(system, cacheDir))
      entries.push({ path, sizeBytes: await measureTree(system, path) });
  }
  return entries;
}

/** Removes what `listPrunable` gave. Raises SLIPWAY_FILE_ACCESS. */
export async function pruneCache(system: System, entries: readonly PrunableEntry[]): Promise<void> {
  for (const { path } of entries) {
    try {
      await removeTree(system, path);
    } catch (error) {
      throw describeFileError(error, { action: "remove", path });
    }
  }
}

async function listOurs(system: System, cacheDir: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const name of [...COMPONENT_NAMES, ...TOOL_NAMES]) {
    const dir = join(platformDir(system, cacheDir), name);
    if ((await system.fs.stat(dir)) === undefined) continue;
    for (const version of await system.fs.list(dir)) paths.push(join(dir, version));
  }
  for (const name of [VERSIONS_DIR, WORK_DIR, GO_DIR]) {
    const dir = join(cacheDir, name);
    if ((await system.fs.stat(dir)) !== undefined) paths.push(dir);
  }
  return paths;
}
