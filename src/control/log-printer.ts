import { createLineJoiner } from "./line-joiner.ts";
import { type CriLogEntry, parseCriLog } from "./parse-cri-log.ts";

/** What is printed of each line, and where it goes. */
export interface LogSelection {
  /** Nothing older than this, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Begin each line with its time. */
  readonly timestamps?: boolean;
  /** Stop after this many bytes of output, in the middle of a line if need be. */
  readonly limitBytes?: number;
  /** Only what was written there. */
  readonly stream?: "stdout" | "stderr";
  readonly write: (chunk: Buffer) => void | Promise<void>;
}

/** Turns the bytes of CRI log files into what the container wrote. */
export interface LogPrinter {
  /** The next bytes of the log, cut anywhere. */
  feed(bytes: Buffer): Promise<void>;
  /** Nothing more comes for now: what was held back is printed. */
  flush(): Promise<void>;
  /** Whether the limit is reached. */
  isFull(): boolean;
}

const NEWLINE = 0x0a;

/**
 * A printer for one log. Lines that are not in the CRI format are left out; a line's parts are put together, and what
 * the other stream says between two of them comes behind the line.
 */
export function createLogPrinter(selection: LogSelection): LogPrinter {
  const joiner = createLineJoiner(selection.timestamps === true);
  let pending: Buffer = Buffer.alloc(0);
  let leftBytes = selection.limitBytes ?? Number.POSITIVE_INFINITY;

  const print = async (pieces: readonly Buffer[]): Promise<void> => {
    const output = Buffer.concat(pieces).subarray(0, leftBytes);
    leftBytes -= output.length;
    if (output.length > 0) await selection.write(output);
  };
  return {
    feed: async (bytes) => {
      const buffer = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
      const pieces: Buffer[] = [];
      let begin = 0;
      for (let end = buffer.indexOf(NEWLINE); end >= 0; end = buffer.indexOf(NEWLINE, begin)) {
        const entry = parseCriLog(buffer.subarray(begin, end));
        begin = end + 1;
        if (entry !== undefined && isWanted(entry, selection)) pieces.push(...joiner.take(entry));
      }
      // Copied, for the caller reads the next bytes into the same memory.
      pending = Buffer.from(buffer.subarray(begin));
      await print(pieces);
    },
    flush: () => print(joiner.flush()),
    isFull: () => leftBytes <= 0,
  };
}

function isWanted(entry: CriLogEntry, { stream, sinceMs }: LogSelection): boolean {
  if (stream !== undefined && entry.stream !== stream) return false;
  return sinceMs === undefined || Date.parse(entry.timestamp) >= sinceMs;
}
