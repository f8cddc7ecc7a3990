import type { Readable } from "node:stream";
import { readField } from "../../../api/read-field.ts";
import type { TerminalSize } from "../../../runtime/types.ts";

/** The sizes that a client's terminal has, one after the other. */
export interface Sizes {
  readonly first: Promise<TerminalSize>;
  /** Calls back for each size after the first. */
  onSize(listener: (size: TerminalSize) => void): void;
}

/** Ours: what says a size has some thirty characters. */
const MAX_SIZE_CHARS = 1024;

/** Reads `{"Width":80,"Height":24}` objects, one after the other. Source: cri-streaming remotecommand handleResizeEvents. */
export function readSizes(stream: Readable | undefined): Sizes {
  let text = "";
  let tellFirst: ((size: TerminalSize) => void) | undefined;
  let listener = (_size: TerminalSize): void => undefined;
  const first = new Promise<TerminalSize>((resolve) => {
    tellFirst = resolve;
  });
  const tell = (size: TerminalSize): void => {
    const isFirst = tellFirst !== undefined;
    tellFirst?.(size);
    tellFirst = undefined;
    if (!isFirst) listener(size);
  };
  stream?.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      const size = parseSize(text.slice(0, end + 1));
      text = text.slice(end + 1);
      if (size !== undefined) tell(size);
    }
    if (text.length > MAX_SIZE_CHARS) text = "";
  });
  return {
    first,
    onSize: (fresh) => {
      listener = fresh;
    },
  };
}

/** Undefined for what is no size of a terminal. */
function parseSize(text: string): TerminalSize | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const [columns, rows] = [readField(value, "Width"), readField(value, "Height")];
    if (!isLength(columns) || !isLength(rows)) return undefined;
    return { rows, columns };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Source: ioctl_tty(2) struct winsize: unsigned short. */
function isLength(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535;
}
