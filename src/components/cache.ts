import { join } from "node:path";
import { describeFileError } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { makeCacheDir, platformDir, selectCacheDirs } from "./cache-dirs.ts";
import { type CacheRecord, parseCacheRecord, readStamp, type Stamp, sameStamp } from "./cache-record.ts";
import { compareVersions, judgeVersion } from "./component-version.ts";
import { makeDirs } from "./directories.ts";
import { hashFile } from "./hash-file.ts";
import { type BinaryName, COMPONENT_NAMES, TOOL_NAMES } from "./types.ts";

/** Which binary: a name and its version with a leading `v`. */
export interface CacheKey {
  readonly name: BinaryName;
  readonly version: string;
}

/**
 * A binary in a cache: `<cache>/linux-amd64/<name>/<version>/<name>`, and beside it `<name>.json` with its checksum,
 * where it came from, and its size, time and inode when it was last hashed.
 */
export interface CachedBinary extends CacheKey {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** `download` or `go`. */
  readonly origin: string;
}

/**
 * The cached binary of this version; for etcd a newer patch also does. It was hashed in full at some time and its
 * size, time and inode are those of then; otherwise it is hashed again. One that was changed counts as missing, with
 * a warning in the log, as does one that another user could have written.
 */
export async function findCached(system: System, key: CacheKey): Promise<CachedBinary | undefined> {
  const cacheDirs = selectCacheDirs(system);
  for (const cacheDir of cacheDirs) {
    const exact = await findIntact(system, { cacheDir, key });
    if (exact !== undefined) return exact;
  }
  for (const cacheDir of key.name === "etcd" ? cacheDirs : []) {
    for (const version of await listNewerPatches(system, { ...key, cacheDir })) {
      const newer = await findIntact(system, { cacheDir, key: { name: key.name, version } });
      if (newer !== undefined) return newer;
    }
  }
  return undefined;
}

/** Everything in the caches, by directory, name and version, unchecked. */
export async function listCached(system: System): Promise<readonly CachedBinary[]> {
  const found: CachedBinary[] = [];
  for (const cacheDir of selectCacheDirs(system)) {
    for (const name of [...COMPONENT_NAMES, ...TOOL_NAMES]) {
      for (const version of await listVersions(system, { cacheDir, name })) {
        const entry = await readEntry(system, { cacheDir, key: { name, version } });
        if (entry !== undefined) found.push(entry.binary);
      }
    }
  }
  return found;
}

/** Hashes every cached binary in full. */
export async function verifyCached(
  system: System,
): Promise<readonly { readonly binary: CachedBinary; readonly intact: boolean }[]> {
  const results = [];
  for (const binary of await listCached(system))
    results.push({ binary, intact: (await hashFile(system, binary.path)) === binary.sha256 });
  return results;
}

/** The directory of one binary in the cache that is written to; made when it is missing. Raises SLIPWAY_FILE_ACCESS. */
export async function makeEntryDir(system: System, key: CacheKey): Promise<string> {
  const path = entryDir(system, { cacheDir: await makeCacheDir(system), key });
  await makeDirs(system, { path, mode: 0o755 });
  return path;
}

/**
 * Moves a finished file of the cache's own file system into its place, in one step, with its record.
 * Raises SLIPWAY_FILE_ACCESS, SLIPWAY_NO_SPACE.
 */
export async function installIntoCache(
  system: System,
  options: { readonly key: CacheKey; readonly fromPath: string; readonly origin: string },
): Promise<CachedBinary> {
  const { key, fromPath, origin } = options;
  const dir = await makeEntryDir(system, key);
  const path = join(dir, key.name);
  try {
    const sha256 = await hashFile(system, fromPath);
    await sealFile(system, fromPath);
    await system.fs.removeFile(recordPath(path));
    await system.fs.rename(fromPath, path);
    const stamp = await readStamp(system, path);
    if (stamp === undefined) throw new Error(`${path} vanished while it was installed`);
    await writeRecord(system, { path, record: { sha256, origin, stamp } });
    return { ...key, path, sha256, origin, sizeBytes: stamp.sizeBytes };
  } catch (error) {
    throw describeFileError(error, { action: "install", path });
  }
}

interface Entry {
  readonly binary: CachedBinary;
  readonly record: CacheRecord;
  readonly stamp: Stamp;
}

async function findIntact(
  system: System,
  options: { readonly cacheDir: string; readonly key: CacheKey },
): Promise<CachedBinary | undefined> {
  const entry = await readEntry(system, options);
  if (entry === undefined) return undefined;
  if (await isIntact(system, entry)) return entry.binary;
  system.log.warn("a cached binary was changed and is not used", { path: entry.binary.path });
  return undefined;
}

async function readEntry(
  system: System,
  options: { readonly cacheDir: string; readonly key: CacheKey },
): Promise<Entry | undefined> {
  const { key } = options;
  const path = join(entryDir(system, options), key.name);
  const record = parseCacheRecord(await readIfReadable(system, recordPath(path)));
  const stamp = record === undefined ? undefined : await readStamp(system, path);
  if (record === undefined || stamp === undefined) return undefined;
  const { sha256, origin } = record;
  return { binary: { ...key, path, sha256, origin, sizeBytes: stamp.sizeBytes }, record, stamp };
}

async function isIntact(system: System, { binary, record, stamp }: Entry): Promise<boolean> {
  if (sameStamp(record.stamp, stamp)) return true;
  if ((await hashFile(system, binary.path)) !== record.sha256) return false;
  const renewed = { ...record, stamp };
  await writeRecord(system, { path: binary.path, record: renewed }).catch((error: unknown) => {
    system.log.debug("the record of a cached binary is not renewed", { reason: String(error) });
  });
  return true;
}

/** Newest first. */
async function listNewerPatches(
  system: System,
  options: CacheKey & { readonly cacheDir: string },
): Promise<readonly string[]> {
  const { name, version } = options;
  const versions = await listVersions(system, options);
  return versions
    .filter((found) => judgeVersion({ name, needed: version, found }).kind === "fits")
    .sort((left, right) => compareVersions(right, left));
}

async function listVersions(
  system: System,
  options: { readonly cacheDir: string; readonly name: BinaryName },
): Promise<readonly string[]> {
  try {
    const names = await system.fs.list(join(platformDir(system, options.cacheDir), options.name));
    return names.filter((name) => name.startsWith("v"));
  } catch {
    // A cache that is not there, or not for us to read, holds nothing for us.
    return [];
  }
}

async function readIfReadable(system: System, path: string): Promise<string | undefined> {
  try {
    return await system.fs.readTextIfExists(path);
  } catch {
    // As above: another user's cache.
    return undefined;
  }
}

async function sealFile(system: System, path: string): Promise<void> {
  await system.fs.chmod(path, 0o755);
  const handle = await system.fs.open(path, { flags: "r" });
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeRecord(
  system: System,
  options: { readonly path: string; readonly record: CacheRecord },
): Promise<void> {
  const data = `${JSON.stringify(options.record)}\n`;
  await system.fs.writeAtomic(recordPath(options.path), { data, mode: 0o644 });
}

function entryDir(system: System, options: { readonly cacheDir: string; readonly key: CacheKey }): string {
  return join(platformDir(system, options.cacheDir), options.key.name, options.key.version);
}

function recordPath(binaryPath: string): string {
  return `${binaryPath}.json`;
}
