import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { messageOf, systemErrorCode } from "../../core/errors.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import { formatRotatedName, type LogLimits, planRotation } from "./plan-rotation.ts";

/** The live log of a container. */
export interface LogFile {
  sizeBytes(): number;
  append(text: Buffer): Promise<void>;
  /** Takes back what was appended beyond this size. */
  truncate(sizeBytes: number): Promise<void>;
  /**
   * Moves the live file aside when it is full, and begins a new one; true when it did. Older files are compressed
   * and removed meanwhile. Two rotations never fall into one second, for the second is the name.
   */
  rotateWhenFull(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the log at `path` for appending, cut to `sizeBytes` when it is longer. Made 0640 with its directories 0755. */
export async function openLogFile(
  system: System,
  options: { readonly path: string; readonly sizeBytes: number; readonly limits: LogLimits },
): Promise<LogFile> {
  const { path, limits } = options;
  let handle = await openLive(system, path);
  let sizeBytes = (await handle.stat()).size;
  let tidying: Promise<void> | undefined;

  const truncate = async (toBytes: number): Promise<void> => {
    if ((await handle.stat()).size > toBytes) await handle.truncate(toBytes);
    sizeBytes = Math.min(sizeBytes, toBytes);
  };
  const rotateWhenFull = async (): Promise<boolean> => {
    if (limits.maxSizeBytes <= 0 || sizeBytes < limits.maxSizeBytes) return false;
    const rotatedPath = join(dirname(path), formatRotatedName(basename(path), system.clock.nowMs()));
    const taken = await Promise.all([rotatedPath, `${rotatedPath}.gz`].map((name) => system.fs.lstat(name)));
    if (taken.some((status) => status !== undefined)) return false;
    await renameWhenThere(system, path, rotatedPath);
    const full = handle;
    handle = await openLive(system, path);
    sizeBytes = 0;
    await full.close();
    tidying ??= tidyRotated(system, { path, limits }).finally(() => {
      tidying = undefined;
    });
    return true;
  };
  await truncate(options.sizeBytes);
  return {
    sizeBytes: () => sizeBytes,
    append: async (text) => {
      await handle.appendFile(text);
      sizeBytes += text.length;
    },
    truncate,
    rotateWhenFull,
    close: async () => {
      await tidying;
      await handle.close();
    },
  };
}

const LOG_MODE = 0o640;

async function openLive(system: System, path: string): Promise<FileHandle> {
  await makeDirs(system, { path: dirname(path), mode: 0o755 });
  const handle = await system.fs.open(path, { flags: "a", mode: LOG_MODE });
  await handle.chmod(LOG_MODE);
  return handle;
}

/** Somebody may have removed the live file. */
async function renameWhenThere(system: System, from: string, to: string): Promise<void> {
  try {
    await system.fs.rename(from, to);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}

/** Never rejects: a full disk must not end a container's log. */
async function tidyRotated(
  system: System,
  options: { readonly path: string; readonly limits: LogLimits },
): Promise<void> {
  const dir = dirname(options.path);
  try {
    const plan = planRotation(await system.fs.list(dir), {
      logName: basename(options.path),
      maxFiles: options.limits.maxFiles,
    });
    for (const name of plan.remove) await system.fs.removeFile(join(dir, name));
    for (const name of plan.compress) await compressFile(system, join(dir, name));
  } catch (error) {
    system.log.warn("cannot tidy rotated logs", { log: options.path, error: messageOf(error) });
  }
}

async function compressFile(system: System, path: string): Promise<void> {
  const temporaryPath = `${path}.gz.tmp`;
  const source = await system.fs.open(path, { flags: "r" });
  const target = await system.fs.open(temporaryPath, { flags: "w", mode: LOG_MODE });
  await pipeline(source.createReadStream(), createGzip(), target.createWriteStream());
  await system.fs.rename(temporaryPath, `${path}.gz`);
  await system.fs.removeFile(path);
}
