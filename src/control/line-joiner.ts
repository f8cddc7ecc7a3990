import type { CriLogEntry } from "./parse-cri-log.ts";

/** At most this much of one stream waits for the end of the other's line. */
const MAX_HELD_BYTES = 1024 * 1024;

const LINE_END = Buffer.from("\n");

/** Puts entries together to lines, in an order in which no line is inside another. */
export interface LineJoiner {
  take(entry: CriLogEntry): readonly Buffer[];
  /** What was held back; a line that is not finished is ended for it. */
  flush(): readonly Buffer[];
}

/** A joiner for one log, which begins each line with its time when asked. */
export function createLineJoiner(timestamps: boolean): LineJoiner {
  let unfinished: string | undefined;
  let held: CriLogEntry[] = [];
  let heldBytes = 0;

  const release = (): readonly Buffer[] => {
    const released = held;
    held = [];
    heldBytes = 0;
    return released.flatMap(take);
  };
  const flush = (): readonly Buffer[] => {
    if (held.length === 0) return [];
    unfinished = undefined;
    return [LINE_END, ...release()];
  };
  const take = (entry: CriLogEntry): readonly Buffer[] => {
    if (unfinished !== undefined && unfinished !== entry.stream) {
      // Copied, for the next bytes are read into the same memory.
      held.push({ ...entry, content: Buffer.from(entry.content) });
      heldBytes += entry.content.length;
      return heldBytes > MAX_HELD_BYTES ? flush() : [];
    }
    const head = timestamps && unfinished === undefined ? [Buffer.from(`${entry.timestamp} `)] : [];
    unfinished = entry.partial ? entry.stream : undefined;
    return entry.partial
      ? [...head, entry.content]
      : [...head, entry.content, LINE_END, ...(held.length === 0 ? [] : release())];
  };
  return { take, flush };
}
