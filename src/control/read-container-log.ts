import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { FileSystem } from "../system/file-system.ts";
import type { System } from "../system/system.ts";
import { findTail, fullLineStarts } from "./find-tail.ts";
import { createLogPrinter, type LogPrinter, type LogSelection } from "./log-printer.ts";

/** Which part of a container's log is wanted, and where it goes. */
export interface LogRequest extends LogSelection {
  readonly path: string;
  /** Go on with what is still to come, also in a new file after a rotation. */
  readonly follow?: boolean;
  /** Only this many last lines; taken from rotated files too when the current one has fewer. */
  readonly tailLines?: number;
  readonly signal?: AbortSignal;
  /** While following: whether the container has ended, so that nothing more will come. Default: never. */
  readonly hasEnded?: () => boolean;
}

/** How often a followed log is looked at; ours: one read that finds nothing costs microseconds. */
const FOLLOW_INTERVAL_MS = 100;
const CHUNK_BYTES = 64 * 1024;

/**
 * Prints a container log in the CRI format as the container wrote it. Ends at the end of the file, or when followed
 * at the container's end, when the limit is reached, or when the signal aborts (which is not an error).
 * Rejects with the system error when the file cannot be read.
 */
export async function readContainerLog(
  system: Pick<System, "fs" | "clock">,
  request: LogRequest,
): Promise<void> {
  const printer = createLogPrinter(request);
  let file = await system.fs.open(request.path, { flags: "r" });
  try {
    let position = await startOfTail(system.fs, { file, printer, request });
    for (;;) {
      // Asked before reading, so that what was written until the end is still read.
      const ended = request.follow !== true || request.hasEnded?.() === true;
      position = await printFrom(file, { position, printer, signal: request.signal });
      if (printer.isFull() || request.signal?.aborted === true) return;
      const next = await openIfReplaced(system.fs, { path: request.path, file });
      if (next !== undefined) {
        await printFrom(file, { position, printer, signal: request.signal });
        await file.close();
        file = next;
        position = 0;
      } else if (ended) {
        return;
      } else {
        await system.clock.sleep(FOLLOW_INTERVAL_MS, request.signal).catch(ignoreAbort(request.signal));
      }
    }
  } finally {
    await file.close();
  }
}

async function printFrom(
  file: FileHandle,
  range: {
    readonly position: number;
    readonly printer: LogPrinter;
    readonly signal: AbortSignal | undefined;
  },
): Promise<number> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let { position } = range;
  while (!range.printer.isFull() && range.signal?.aborted !== true) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    await range.printer.feed(buffer.subarray(0, bytesRead));
  }
  return position;
}

async function startOfTail(
  fs: FileSystem,
  options: { readonly file: FileHandle; readonly printer: LogPrinter; readonly request: LogRequest },
): Promise<number> {
  const { tailLines, path } = options.request;
  if (tailLines === undefined) return 0;
  const tail = await findTail(options.file, tailLines);
  if (tail.lines < tailLines) {
    const earlier = await readRotatedTail(fs, { path, wanted: tailLines - tail.lines });
    for (const line of earlier) await options.printer.feed(line);
  }
  return tail.offset;
}

/** The last lines of the rotated files `<log>.<timestamp>` and `<log>.<timestamp>.gz`, oldest first. */
async function readRotatedTail(
  fs: FileSystem,
  options: { readonly path: string; readonly wanted: number },
): Promise<readonly Buffer[]> {
  const name = basename(options.path);
  const rotated = (await fs.list(dirname(options.path))).filter((entry) => isRotationOf(entry, name));
  // Between the end of a compression and the removal of its source, both are there.
  const siblings = rotated.filter((entry) => !rotated.includes(`${entry}.gz`));
  let lines: readonly Buffer[] = [];
  for (const sibling of siblings.toReversed()) {
    if (lines.length >= options.wanted) break;
    const bytes = await fs.readBytes(join(dirname(options.path), sibling));
    const text = sibling.endsWith(".gz") ? await promisify(gunzip)(bytes) : bytes;
    lines = [...splitFullLines(text), ...lines];
  }
  return lines.slice(-options.wanted);
}

function splitFullLines(text: Buffer): readonly Buffer[] {
  const starts = fullLineStarts(text, false);
  return starts.map((start, index) => text.subarray(start, starts[index + 1] ?? text.length));
}

function isRotationOf(entry: string, name: string): boolean {
  return entry.startsWith(`${name}.`) && /^\d{8}-\d{6}(\.gz)?$/.test(entry.slice(name.length + 1));
}

async function openIfReplaced(
  fs: FileSystem,
  options: { readonly path: string; readonly file: FileHandle },
): Promise<FileHandle | undefined> {
  const now = await fs.stat(options.path);
  if (now === undefined) return undefined;
  const open = await options.file.stat();
  return now.ino === open.ino && now.dev === open.dev ? undefined : fs.open(options.path, { flags: "r" });
}

function ignoreAbort(signal: AbortSignal | undefined): (error: unknown) => void {
  return (error) => {
    if (signal?.aborted !== true) throw error;
  };
}
