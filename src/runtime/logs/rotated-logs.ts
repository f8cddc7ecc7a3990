import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { messageOf, systemErrorCode } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { type LogLimits, nextRotatedName, planRotation, type RotationPlan } from "./plan-rotation.ts";

/** Mode of all log files. */
export const LOG_MODE = 0o640;

/**
 * So long after the last rotation the older files are compressed: what a flood rotates again at once is never
 * compressed. Source: kubelet containerLogMonitorInterval (10 s), by which it compresses too.
 */
const COMPRESS_DELAY_MS = 10_000;

/** The files that a live log was moved aside to. */
export interface RotatedLogs {
  /** Moves the live file aside, behind all others; nothing when somebody has removed it. */
  add(): Promise<void>;
  /** Removes what is too much and what a cut-off compression left, meanwhile; compresses when it has become calm. */
  tidy(): void;
  /** Compresses nothing more. */
  close(): Promise<void>;
}

/** Which log, and its bounds. */
export interface RotatedLogsOptions {
  readonly path: string;
  readonly limits: LogLimits;
}

/** The rotated files of one live log. */
export function createRotatedLogs(system: System, options: RotatedLogsOptions): RotatedLogs {
  const dir = dirname(options.path);
  const logName = basename(options.path);
  let work = Promise.resolve();
  let cancelCompress = (): void => undefined;
  let closed = false;

  const compressAll = async (): Promise<void> => {
    while (!closed) {
      const [name] = (await readPlan(system, options)).compress;
      if (name === undefined) return;
      await compressFile(system, join(dir, name));
    }
  };
  return {
    add: async () => {
      const name = nextRotatedName(await system.fs.list(dir), { logName, nowMs: system.clock.nowMs() });
      try {
        await system.fs.rename(options.path, join(dir, name));
      } catch (error) {
        if (systemErrorCode(error) !== "ENOENT") throw error;
      }
    },
    tidy: () => {
      cancelCompress();
      work = work.then(() => removeSurplus(system, options));
      cancelCompress = system.clock.after(COMPRESS_DELAY_MS, () => {
        work = work.then(() => tellFailure(system, { ...options, work: compressAll }));
      });
    },
    close: async () => {
      closed = true;
      cancelCompress();
      await work;
    },
  };
}

/** Removes rotated files that are too many and what a cut-off compression left. Never rejects. */
export function removeSurplus(
  system: Pick<System, "fs" | "log">,
  options: RotatedLogsOptions,
): Promise<void> {
  return tellFailure(system, {
    ...options,
    work: async () => {
      const { remove } = await readPlan(system, options);
      for (const name of remove) await system.fs.removeFile(join(dirname(options.path), name));
    },
  });
}

/** A full disk must not end a container's log, and neither must a directory that somebody has removed. */
async function tellFailure(
  system: Pick<System, "log">,
  options: { readonly path: string; readonly work: () => Promise<void> },
): Promise<void> {
  try {
    await options.work();
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return;
    system.log.warn("cannot tidy rotated logs", { log: options.path, error: messageOf(error) });
  }
}

async function readPlan(system: Pick<System, "fs">, options: RotatedLogsOptions): Promise<RotationPlan> {
  const names = await system.fs.list(dirname(options.path));
  return planRotation(names, { logName: basename(options.path), maxFiles: options.limits.maxFiles });
}

async function compressFile(system: Pick<System, "fs">, path: string): Promise<void> {
  const temporaryPath = `${path}.gz.tmp`;
  const source = await system.fs.open(path, { flags: "r" });
  const target = await system.fs.open(temporaryPath, { flags: "w", mode: LOG_MODE });
  await pipeline(source.createReadStream(), createGzip(), target.createWriteStream());
  await system.fs.rename(temporaryPath, `${path}.gz`);
  await system.fs.removeFile(path);
}
