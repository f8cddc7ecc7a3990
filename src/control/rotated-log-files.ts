import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { systemErrorCode } from "../core/errors.ts";
import type { FileSystem } from "../system/file-system.ts";

/** `<log>.<YYYYMMDD-HHMMSS>`, UTC, packed or not. */
const STAMP = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(\.gz)?$/;

/** The names of a log's rotated files, oldest first. */
export async function listRotated(fs: FileSystem, logPath: string): Promise<readonly string[]> {
  const prefix = `${basename(logPath)}.`;
  const rotated = (await fs.list(dirname(logPath))).filter(
    (name) => name.startsWith(prefix) && STAMP.test(name.slice(prefix.length)),
  );
  // Between the end of a compression and the removal of its source, both are there.
  return rotated.filter((name) => !rotated.includes(`${name}.gz`));
}

/** What stands in a rotated file; nothing when rotation has removed it meanwhile. */
export async function readRotated(
  fs: FileSystem,
  file: { readonly logPath: string; readonly name: string },
): Promise<Buffer> {
  const path = join(dirname(file.logPath), file.name);
  const isPacked = file.name.endsWith(".gz");
  // One that was compressed since it was listed has another name.
  const found = (await readIfThere(fs, path)) ?? (isPacked ? undefined : await readIfThere(fs, `${path}.gz`));
  if (found === undefined) return Buffer.alloc(0);
  return isGzip(found) ? promisify(gunzip)(found) : found;
}

/** The rotated files that may hold something newer than `sinceMs`, oldest first. */
export async function listRotatedSince(
  fs: FileSystem,
  options: { readonly logPath: string; readonly sinceMs: number },
): Promise<readonly string[]> {
  const names = await listRotated(fs, options.logPath);
  return names.filter(
    (name) => rotatedAtMs(name.slice(basename(options.logPath).length + 1)) >= options.sinceMs,
  );
}

/** When a file was rotated: nothing in it is newer than the end of that second. */
function rotatedAtMs(stamp: string): number {
  const [, year, month, day, hour, minute, second] = STAMP.exec(stamp) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.999Z`);
}

async function readIfThere(fs: FileSystem, path: string): Promise<Buffer | undefined> {
  try {
    return await fs.readBytes(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}

/** A log begins with a year. */
function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
