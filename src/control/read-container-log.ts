import type { FileHandle } from "node:fs/promises";
import { systemErrorCode } from "../core/errors.ts";
import type { FileSystem } from "../system/file-system.ts";
import type { System } from "../system/system.ts";
import { findTail, fullLineStarts } from "./find-tail.ts";
import { createLogPrinter, type LogPrinter, type LogSelection } from "./log-printer.ts";
import { openNextLog } from "./open-next-log.ts";
import { listRotated, listRotatedSince, readRotated } from "./rotated-log-files.ts";

/** Which part of a container's log is wanted, and where it goes. */
export interface LogRequest extends LogSelection {
  readonly path: string;
  /** Go on with what is still to come, also in a new file after a rotation or when the file was removed. */
  readonly follow?: boolean;
  /** Only this many last lines; taken from rotated files too when the current one has fewer. */
  readonly tailLines?: number;
  readonly signal?: AbortSignal;
  /** While following: whether the container has ended, so that nothing more will come. Default: never. */
  readonly hasEnded?: () => boolean;
  /** More of the log, in its format, that is not in the file. */
  readonly rest?: AsyncIterable<Buffer>;
}

/** How often a followed log is looked at; ours: one read that finds nothing costs microseconds. */
const FOLLOW_INTERVAL_MS = 100;
const CHUNK_BYTES = 64 * 1024;

/**
 * Prints a container log in the CRI format as the container wrote it; what `sinceMs` or `tailLines` ask for is taken
 * from rotated files too. Ends at the end of the file, or when followed at the container's end, when the limit is
 * reached, or when the signal aborts (which is not an error). Rejects with the system error when the file cannot be
 * read; a followed one that is not there is waited for.
 */
export async function readContainerLog(
  system: Pick<System, "fs" | "clock">,
  request: LogRequest,
): Promise<void> {
  const printer = createLogPrinter(request);
  const reading = await openReading(system, { request, printer });
  if (reading === undefined) return;
  try {
    await printStart(system.fs, reading);
    for (;;) {
      // Asked before reading, so that what was written until the end is still read.
      const ended = request.follow !== true || request.hasEnded?.() === true;
      await printOn(reading);
      if (isDone(reading)) return;
      if (await goOn(system.fs, reading)) continue;
      if (ended) {
        for await (const bytes of request.rest ?? []) await printer.feed(bytes);
        return await printer.flush();
      }
      await printer.flush();
      await pause(system, request);
    }
  } finally {
    await reading.file.close();
  }
}

/** How far a log has been read. */
interface Reading {
  readonly request: LogRequest;
  readonly printer: LogPrinter;
  file: FileHandle;
  position: number;
  /** The newest rotated file when `file` was opened: what is newer came behind it. */
  newestRotated: string | undefined;
}

async function openReading(
  system: Pick<System, "fs" | "clock">,
  options: { readonly request: LogRequest; readonly printer: LogPrinter },
): Promise<Reading | undefined> {
  const { request } = options;
  for (;;) {
    const ended = request.follow !== true || request.hasEnded?.() === true;
    try {
      const newestRotated = (await listRotated(system.fs, request.path)).at(-1);
      const file = await system.fs.open(request.path, { flags: "r" });
      return { ...options, file, position: 0, newestRotated };
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT" || request.follow !== true) throw error;
      if (ended || request.signal?.aborted === true) return undefined;
      await pause(system, request);
    }
  }
}

function isDone({ printer, request }: Reading): boolean {
  return printer.isFull() || request.signal?.aborted === true;
}

async function printOn(reading: Reading): Promise<void> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  while (!isDone(reading)) {
    const { bytesRead } = await reading.file.read(buffer, 0, buffer.length, reading.position);
    if (bytesRead === 0) break;
    reading.position += bytesRead;
    await reading.printer.feed(buffer.subarray(0, bytesRead));
  }
}

/** Goes over to what came behind the file that was read to its end; false when it is still the live one. */
async function goOn(fs: FileSystem, reading: Reading): Promise<boolean> {
  const { path } = reading.request;
  const next = await openNextLog(fs, { ...reading, path });
  if (next.kind === "none") return false;
  if (next.kind === "cut") {
    reading.position = 0;
    return true;
  }
  // What came between the last look and the rotation.
  await printOn(reading);
  for (const name of next.between) {
    if (!isDone(reading)) await reading.printer.feed(await readRotated(fs, { logPath: path, name }));
  }
  await reading.file.close();
  Object.assign(reading, { file: next.file, position: 0, newestRotated: next.newestRotated });
  return true;
}

/** Finds where to begin, and prints what of it is in rotated files. */
async function printStart(fs: FileSystem, reading: Reading): Promise<void> {
  const { tailLines, sinceMs, path } = reading.request;
  if (tailLines !== undefined) {
    const tail = await findTail(reading.file, tailLines);
    const earlier = await readRotatedTail(fs, { path, wanted: tailLines - tail.lines });
    for (const line of earlier) await reading.printer.feed(line);
    reading.position = tail.offset;
  } else if (sinceMs !== undefined) {
    for (const name of await listRotatedSince(fs, { logPath: path, sinceMs }))
      await reading.printer.feed(await readRotated(fs, { logPath: path, name }));
  }
}

/** The last lines of the rotated files, oldest first. */
async function readRotatedTail(
  fs: FileSystem,
  options: { readonly path: string; readonly wanted: number },
): Promise<readonly Buffer[]> {
  if (options.wanted <= 0) return [];
  let lines: readonly Buffer[] = [];
  for (const name of (await listRotated(fs, options.path)).toReversed()) {
    if (lines.length >= options.wanted) break;
    lines = [...splitFullLines(await readRotated(fs, { logPath: options.path, name })), ...lines];
  }
  return lines.slice(-options.wanted);
}

function splitFullLines(text: Buffer): readonly Buffer[] {
  const starts = fullLineStarts(text, false);
  return starts.map((start, index) => text.subarray(start, starts[index + 1] ?? text.length));
}

/** Waits until the file is looked at again, or the signal aborts. */
async function pause(system: Pick<System, "clock">, { signal }: LogRequest): Promise<void> {
  try {
    await system.clock.sleep(FOLLOW_INTERVAL_MS, signal);
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
