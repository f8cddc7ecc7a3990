import type { FileHandle } from "node:fs/promises";
import { parseCriLog } from "./parse-cri-log.ts";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Where the last lines of a log begin, and how many of them are there. */
export interface Tail {
  readonly offset: number;
  readonly lines: number;
}

/**
 * Finds the last `wanted` lines of a CRI log by reading it backwards. A line that was written in parts counts once;
 * an unfinished line at the end of the file counts as none.
 */
export async function findTail(file: FileHandle, wanted: number): Promise<Tail> {
  const { size } = await file.stat();
  let starts: readonly number[] = [];
  let buffer: Buffer = Buffer.alloc(0);
  let start = size;
  while (start > 0) {
    // Doubling keeps the work in proportion to what is read.
    const length = Math.min(Math.max(CHUNK_BYTES, buffer.length), start);
    start -= length;
    buffer = Buffer.concat([await readExactly(file, { position: start, length }), buffer]);
    starts = fullLineStarts(buffer, start > 0);
    if (starts.length > wanted) break;
  }
  if (wanted === 0) return { offset: size, lines: 0 };
  const first = starts.at(-wanted);
  return first === undefined
    ? { offset: 0, lines: starts.length }
    : { offset: start + first, lines: Math.min(wanted, starts.length) };
}

/** Offsets in the buffer at which finished lines begin; a first line that may be cut is not counted. */
export function fullLineStarts(buffer: Buffer, cutAtStart: boolean): readonly number[] {
  const starts: number[] = [];
  let begin = cutAtStart ? buffer.indexOf(NEWLINE) + 1 : 0;
  let lineBegin: number | undefined;
  // A chunk without any line end is still inside one line.
  if (cutAtStart && begin === 0) return starts;
  for (let end = buffer.indexOf(NEWLINE, begin); end >= 0; end = buffer.indexOf(NEWLINE, begin)) {
    lineBegin ??= begin;
    const partial = parseCriLog(buffer.subarray(begin, end))?.partial ?? false;
    if (!partial) {
      starts.push(lineBegin);
      lineBegin = undefined;
    }
    begin = end + 1;
  }
  return starts;
}

async function readExactly(
  file: FileHandle,
  range: { readonly position: number; readonly length: number },
): Promise<Buffer> {
  const buffer = Buffer.alloc(range.length);
  const { bytesRead } = await file.read(buffer, 0, range.length, range.position);
  return buffer.subarray(0, bytesRead);
}
