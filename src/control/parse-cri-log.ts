/** One entry of a container log in the CRI format: `2026-11-22T17:00:00.123456789Z stdout F text`. */
export interface CriLogEntry {
  readonly timestamp: string;
  /** `stdout` or `stderr`. */
  readonly stream: string;
  /** The text without its line end. Bytes, for a long line is cut anywhere, even inside a character. */
  readonly content: Buffer;
  /** Whether the next entry of the same stream goes on with this line. */
  readonly partial: boolean;
}

const SPACE = 0x20;
/** `P`, the tag of a part of a line; `F` ends it. Further tags may follow after a colon. */
const PARTIAL_TAG = 0x50;

/** Parses one line, given without its line end; undefined when it is not in the format. Source: CRI logging design. */
export function parseCriLog(line: Buffer): CriLogEntry | undefined {
  const afterTime = line.indexOf(SPACE);
  const afterStream = line.indexOf(SPACE, afterTime + 1);
  const afterTag = line.indexOf(SPACE, afterStream + 1);
  if (afterTime <= 0 || afterStream < 0) return undefined;
  const tagEnd = afterTag < 0 ? line.length : afterTag;
  return {
    timestamp: line.toString("latin1", 0, afterTime),
    stream: line.toString("latin1", afterTime + 1, afterStream),
    content: line.subarray(Math.min(tagEnd + 1, line.length)),
    partial: line[afterStream + 1] === PARTIAL_TAG,
  };
}
