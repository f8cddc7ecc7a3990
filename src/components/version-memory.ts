import { createHash } from "node:crypto";
import { join } from "node:path";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import { makeCacheDir, selectCacheDirs } from "./cache-dirs.ts";
import { parseJson, parseStamp, type Stamp, sameStamp } from "./cache-record.ts";
import { makeDirs } from "./directories.ts";

/** Below a cache directory: the versions that programs outside the cache have told, a file a program. */
export const VERSIONS_DIR = "versions";

/** A program as it was when it told its version. */
interface RememberedProgram {
  readonly path: string;
  readonly stamp: Stamp;
  readonly version: string;
}

/** The version that a program has told; undefined when it told none, or is another by now. */
export async function recallVersion(
  system: System,
  { path, stamp }: Omit<RememberedProgram, "version">,
): Promise<string | undefined> {
  for (const cacheDir of selectCacheDirs(system)) {
    const known = await readMemory(system, memoryPath(cacheDir, path));
    if (known?.path === path && sameStamp(known.stamp, stamp)) return known.version;
  }
  return undefined;
}

/** Keeps a version in the cache, and lets those of programs that are no more go. What cannot be kept is only logged. */
export async function rememberVersion(system: System, program: RememberedProgram): Promise<void> {
  try {
    const cacheDir = await makeCacheDir(system);
    const dir = join(cacheDir, VERSIONS_DIR);
    await makeDirs(system, { path: dir, mode: 0o755 });
    await forgetGone(system, dir);
    const data = `${JSON.stringify(program)}\n`;
    await system.fs.writeAtomic(memoryPath(cacheDir, program.path), { data, mode: 0o644, durable: false });
  } catch (error) {
    system.log.debug("the version of a program is not remembered", {
      path: program.path,
      reason: String(error),
    });
  }
}

async function forgetGone(system: System, dir: string): Promise<void> {
  const files = (await system.fs.list(dir)).filter((name) => !name.startsWith("."));
  for (const file of files.map((name) => join(dir, name))) {
    const known = await readMemory(system, file);
    if (known === undefined || (await system.fs.stat(known.path)) === undefined)
      await system.fs.removeFile(file);
  }
}

/** Undefined for a file that is none, or not for us to read. */
async function readMemory(system: System, file: string): Promise<RememberedProgram | undefined> {
  const value = parseJson(await system.fs.readTextIfExists(file).catch(() => undefined));
  if (!isObject(value)) return undefined;
  const { path, version } = value;
  const stamp = parseStamp(value["stamp"]);
  if (typeof path !== "string" || typeof version !== "string" || stamp === undefined) return undefined;
  return { path, version, stamp };
}

function memoryPath(cacheDir: string, path: string): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 32);
  return join(cacheDir, VERSIONS_DIR, `${hash}.json`);
}
