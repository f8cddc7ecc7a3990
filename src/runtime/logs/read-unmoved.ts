import type { System } from "../../system/system.ts";
import { formatLogLines, LOG_STREAMS, type LogStream } from "./format-log-lines.ts";
import { type LogState, readLogState } from "./log-state.ts";
import { SPOOL_CAP_BYTES, SPOOL_LEFT_BYTES } from "./plan-skip.ts";
import { openSpool, type Spool, spoolPath } from "./spool.ts";

/** Output that no runner has moved into a container's log yet. */
export interface UnmovedOutput {
  readonly sizeBytes: number;
  /** Its lines in the log's format, stdout first, from the `skipLines`-th on. Stamped with the last write's time. */
  read(skipLines: number): AsyncIterable<Buffer>;
  countLines(): Promise<number>;
}

/** Looks for output that is not in the log: for when no runner lives to move it. Changes nothing. */
export async function findUnmoved(
  system: System,
  paths: { readonly spoolDir: string; readonly logStatePath: string },
): Promise<UnmovedOutput> {
  const { offsets } = await readLogState(system, paths.logStatePath);
  let sizeBytes = 0;
  for (const stream of LOG_STREAMS) {
    const spool = await system.fs.stat(spoolPath(paths.spoolDir, stream));
    sizeBytes += Math.max(0, (spool?.sizeBytes ?? 0) - offsets[stream]);
  }
  const read = (skipLines: number): AsyncIterable<Buffer> =>
    readLines(system, { spoolDir: paths.spoolDir, offsets, skipLines });
  return {
    sizeBytes,
    read,
    countLines: async () => {
      let count = 0;
      for await (const text of read(0)) count += countFullLines(text);
      return count;
    },
  };
}

async function* readLines(
  system: System,
  options: {
    readonly spoolDir: string;
    readonly offsets: LogState["offsets"];
    readonly skipLines: number;
  },
): AsyncIterable<Buffer> {
  const spool = await openSpool(system, options.spoolDir);
  let leftToSkip = options.skipLines;
  try {
    for (const stream of LOG_STREAMS) {
      const status = await system.fs.stat(spoolPath(options.spoolDir, stream));
      const atMs = status?.modifiedMs ?? system.clock.nowMs();
      const from = options.offsets[stream];
      for await (const text of readStream({ spool, stream, atMs, from })) {
        const kept = skipFullLines(text, leftToSkip);
        leftToSkip = Math.max(0, leftToSkip - countFullLines(text));
        if (kept.length > 0) yield kept;
      }
    }
  } finally {
    await spool.close();
  }
}

async function* readStream(options: {
  readonly spool: Spool;
  readonly stream: LogStream;
  readonly atMs: number;
  readonly from: number;
}): AsyncIterable<Buffer> {
  for (let offset = await findBeginning(options); ; ) {
    const { bytes, more } = await options.spool.read(options.stream, offset);
    if (bytes.length === 0) return;
    const { text, consumedBytes } = formatLogLines(bytes, { ...options, final: !more });
    yield text;
    if (!more) return;
    offset += consumedBytes;
  }
}

/** Of more than a spool may hold only the end is surely there still, from its first whole line on. */
async function findBeginning(options: {
  readonly spool: Spool;
  readonly stream: LogStream;
  readonly from: number;
}): Promise<number> {
  const { spool, stream, from } = options;
  const sizeBytes = (await spool.sizes())[stream];
  if (sizeBytes - from <= SPOOL_CAP_BYTES) return from;
  return spool.nextLineStart(stream, sizeBytes - SPOOL_LEFT_BYTES);
}

/** Lines that end here: a part that goes on counts with its last. */
function countFullLines(text: Buffer): number {
  return splitLines(text).filter(isFull).length;
}

function skipFullLines(text: Buffer, count: number): Buffer {
  if (count === 0) return text;
  const lines = splitLines(text);
  let left = count;
  const first = lines.findIndex((line) => {
    if (left === 0) return true;
    if (isFull(line)) left -= 1;
    return false;
  });
  return first < 0 ? Buffer.alloc(0) : Buffer.from(`${lines.slice(first).join("\n")}\n`, "latin1");
}

function splitLines(text: Buffer): readonly string[] {
  return text.toString("latin1").split("\n").slice(0, -1);
}

function isFull(line: string): boolean {
  return line.split(" ", 3)[2] === "F";
}
