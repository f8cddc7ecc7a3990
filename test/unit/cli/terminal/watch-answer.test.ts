import { beforeEach, expect, onTestFinished, test } from "vitest";
import { watchAnswer } from "../../../../src/cli/terminal/watch-answer.ts";
import { type CapturedOutput, captureOutput } from "../../../support/capture-output.ts";

let output: CapturedOutput;

beforeEach(() => {
  output = captureOutput();
});

/** Watches answers one a second; the last of them is interrupted. */
async function watch(answers: readonly string[], format: "text" | "json" | "yaml" = "text"): Promise<void> {
  const interrupt = new AbortController();
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
      if (nowMs < answers.length * 1000) return;
      interrupt.abort(new Error("interrupted by SIGINT"));
      throw interrupt.signal.reason;
    },
  };
  const read = async () => ({ state: answers[nowMs / 1000] ?? "" });
  const text = ({ state }: { state: string }, atMs: number) => `${state} at ${atMs}\n`;
  await watchAnswer({ read, text }, { format, clock, signal: interrupt.signal });
}

test("in a pipe there is a block whenever something but the time has changed", async () => {
  await watch(["a", "a", "b", "b", "a"]);
  expect(output.stdout()).toBe("a at 0\n\nb at 2000\n\na at 4000\n\n");
});

test.each([
  ["json", '{"state":"a"}\n{"state":"b"}\n'],
  ["yaml", "---\nstate: a\n---\nstate: b\n"],
] as const)("as %s each change is an object of its own", async (format, expected) => {
  await watch(["a", "a", "b"], format);
  expect(output.stdout()).toBe(expected);
});

/** Makes stdout a terminal of two rows, or of so many. */
function openTerminal(count = 2): void {
  const { rows } = process.stdout;
  const { TERM } = process.env;
  process.stdout.isTTY = true;
  process.stdout.rows = count;
  process.env["TERM"] = "xterm";
  onTestFinished(() => {
    process.stdout.rows = rows;
    process.env["TERM"] = TERM;
  });
}

test("a terminal is redrawn in place every second, and left clean with the last that was shown", async () => {
  openTerminal();
  await watch(["a", "b\nsecond\nthird"]);
  const frames = "\x1b[Ha at 0\x1b[K\x1b[J\x1b[Hb\x1b[K\nsecond\x1b[K\x1b[J";
  expect(output.stdout()).toBe(`\x1b[?1049h\x1b[?25l${frames}\x1b[?25h\x1b[?1049lb\nsecond\nthird at 1000\n`);
});

test("a terminal that does not say how many rows it has is shown all", async () => {
  openTerminal(0);
  await watch(["a\nsecond"]);
  expect(output.stdout()).toContain("\x1b[Ha\x1b[K\nsecond at 0\x1b[K\x1b[J");
});

test("what fails leaves the terminal clean, too", async () => {
  openTerminal();
  const read = () => Promise.reject(new Error("gone"));
  const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
  const signal = new AbortController().signal;
  await expect(watchAnswer({ read, text: String }, { format: "text", clock, signal })).rejects.toThrow(
    "gone",
  );
  expect(output.stdout().endsWith("\x1b[?25h\x1b[?1049l")).toBe(true);
});
