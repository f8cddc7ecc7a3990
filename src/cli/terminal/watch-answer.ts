import type { OutputFormat } from "../options.ts";
import { formatAnswer, printText } from "./output.ts";

/** How often is looked. A change shows within this time; a look costs a few milliseconds of the runner's. */
const INTERVAL_MS = 1000;

/** Another screen without a cursor, and back to the one of before with it. Source: XTerm control sequences, DECSET. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** What is watched: how it is read, and what it says to people at a time. */
export interface Watched<T> {
  readonly read: () => Promise<T>;
  readonly text: (answer: T, nowMs: number) => string;
}

/**
 * Shows an answer again and again until `signal`: on a terminal in place, and what was shown last stays there; in a
 * pipe whenever something but the time has changed, as a block with an empty line behind it, or as JSON an object a line.
 */
export async function watchAnswer<T>(
  { read, text }: Watched<T>,
  options: {
    readonly format: OutputFormat;
    readonly clock: { nowMs(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { format, clock, signal } = options;
  const startMs = clock.nowMs();
  const inPlace = format === "text" && process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  const screen = inPlace ? openScreen() : undefined;
  let last = "";
  try {
    while (!signal.aborted) {
      const answer = await read();
      // At one time for all, ages tell nothing new.
      const seen = text(answer, startMs);
      if (screen !== undefined)
        screen.show(formatAnswer(answer, { format, text: () => text(answer, clock.nowMs()) }));
      else if (seen !== last)
        printText(formatBlock(answer, { format, text: () => text(answer, clock.nowMs()) }));
      last = seen;
      await clock.sleep(INTERVAL_MS, signal).catch((error: unknown) => {
        // To be interrupted is how a watch ends.
        if (!signal.aborted) throw error;
      });
    }
  } finally {
    screen?.close();
  }
}

function formatBlock(
  answer: unknown,
  options: { readonly format: OutputFormat; readonly text: () => string },
): string {
  if (options.format === "json") return `${JSON.stringify(answer)}\n`;
  const block = formatAnswer(answer, options);
  return options.format === "yaml" ? `---\n${block}` : `${block}\n`;
}

/** A screen of our own: redrawn in place, cut at its foot, and left as a plain text when it is closed. */
function openScreen(): { show(text: string): void; close(): void } {
  let shown = "";
  const leave = (): void => {
    process.off("exit", leave);
    process.stdout.write(`${LEAVE}${shown}`);
  };
  process.on("exit", leave);
  process.stdout.write(ENTER);
  return {
    show: (text) => {
      shown = text;
      // A serial line does not say how many rows it has.
      const lines = text
        .trimEnd()
        .split("\n")
        .slice(0, process.stdout.rows || undefined);
      process.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\n")}\x1b[J`);
    },
    close: leave,
  };
}
