import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import type { LogLimits } from "./plan-rotation.ts";
import { createRotatedLogs, LOG_MODE } from "./rotated-logs.ts";

/** The live log of a container. */
export interface LogFile {
  sizeBytes(): number;
  append(text: Buffer): Promise<void>;
  /** Takes back what was appended beyond this size. */
  truncate(sizeBytes: number): Promise<void>;
  /**
   * Begins a new live file when this one is full, which is moved aside then, or when somebody has moved or removed
   * it; true when it did. Rotated files are tidied meanwhile.
   */
  renew(): Promise<boolean>;
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
  const rotated = createRotatedLogs(system, { path, limits });

  const truncate = async (toBytes: number): Promise<void> => {
    if ((await handle.stat()).size > toBytes) await handle.truncate(toBytes);
    sizeBytes = Math.min(sizeBytes, toBytes);
  };
  const isInPlace = async (): Promise<boolean> => {
    const [open, named] = [await handle.stat(), await system.fs.stat(path)];
    // Somebody may have cut it.
    sizeBytes = Math.min(sizeBytes, open.size);
    return named?.ino === open.ino && named.dev === open.dev;
  };
  const renew = async (): Promise<boolean> => {
    if (await isInPlace()) {
      if (limits.maxSizeBytes <= 0 || sizeBytes < limits.maxSizeBytes) return false;
      await rotated.add();
    }
    const old = handle;
    handle = await openLive(system, path);
    sizeBytes = (await handle.stat()).size;
    await old.close();
    rotated.tidy();
    return true;
  };
  await truncate(options.sizeBytes);
  rotated.tidy();
  return {
    sizeBytes: () => sizeBytes,
    append: async (text) => {
      await handle.appendFile(text);
      sizeBytes += text.length;
    },
    truncate,
    renew,
    close: async () => {
      await rotated.close();
      await handle.close();
    },
  };
}

async function openLive(system: System, path: string): Promise<FileHandle> {
  // A link in the place of the pod's or the container's directory is replaced, as writeAtomic does with one of a file.
  for (const dir of [dirname(dirname(path)), dirname(path)])
    if ((await system.fs.lstat(dir))?.kind === "symlink") await system.fs.removeFile(dir);
  await makeDirs(system, { path: dirname(path), mode: 0o755 });
  const handle = await system.fs.open(path, { flags: "a", mode: LOG_MODE });
  await handle.chmod(LOG_MODE);
  return handle;
}
