import fc from "fast-check";
import { expect, test } from "vitest";
import { formatLogLines, formatLogTime, MAX_LINE_BYTES } from "../../../src/runtime/logs/format-log-lines.ts";

const atMs = Date.UTC(2026, 10, 22, 17, 0, 0, 123);
const format = (bytes: Buffer | string, final = false) =>
  formatLogLines(Buffer.from(bytes), { stream: "stdout", atMs, final });

test("a complete line is stamped, named and marked as full", () => {
  expect(format("hello\n").text.toString()).toBe("2026-11-22T17:00:00.123000000Z stdout F hello\n");
});

test("the time has nanoseconds and is UTC", () => {
  expect(formatLogTime(0)).toBe("1970-01-01T00:00:00.000000000Z");
});

test("an unfinished line waits for its newline", () => {
  const { text, consumedBytes } = format("one\ntwo");
  expect(text.toString()).toMatch(/^\S+ stdout F one\n$/);
  expect(consumedBytes).toBe(4);
});

test("an unfinished last line is written when nothing more can come", () => {
  expect(format("two", true)).toMatchObject({ consumedBytes: 3 });
  expect(format("two", true).text.toString()).toMatch(/ F two\n$/);
});

test("a line of exactly the limit stays whole, one byte more makes two parts", () => {
  const tags = (length: number) =>
    [
      ...format(`${"x".repeat(length)}\n`)
        .text.toString()
        .matchAll(/stdout ([FP]) (x*)/g),
    ].map((match) => [match[1], match[2]?.length]);
  expect(tags(MAX_LINE_BYTES)).toEqual([["F", MAX_LINE_BYTES]]);
  expect(tags(MAX_LINE_BYTES + 1)).toEqual([
    ["P", MAX_LINE_BYTES],
    ["F", 1],
  ]);
});

test("no input gives no line", () => {
  expect(format("", true).text.length).toBe(0);
});

test("any bytes, read in any pieces, come back as they were", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom("\n", "\r\n", "a\nb").map((text) => Buffer.from(text)),
    fc.integer({ min: 1, max: 3 * MAX_LINE_BYTES }).map((length) => Buffer.alloc(length, "y")),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const whole = Buffer.concat(pieces);
      let waiting = Buffer.alloc(0);
      let log = "";
      for (const [index, next] of [...pieces, Buffer.alloc(0)].entries()) {
        waiting = Buffer.concat([waiting, next]);
        const { text, consumedBytes } = format(waiting, index === pieces.length);
        log += text.toString("latin1");
        waiting = waiting.subarray(consumedBytes);
      }
      expect(waiting.length).toBe(0);
      expect(unformat(log)).toBe(whole.toString("latin1").replace(/([^\n])$/, "$1\n"));
    }),
  );
});

test("a reader that starts again at the consumed offset sees no line twice and misses none", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const cut = at % (bytes.length + 1);
      const first = format(bytes.subarray(0, cut));
      const second = format(bytes.subarray(first.consumedBytes), true);
      const log = Buffer.concat([first.text, second.text]).toString("latin1");
      expect(unformat(log)).toBe(
        format(bytes, true)
          .text.toString("latin1")
          .replace(/^\S+ stdout F /gm, ""),
      );
    }),
  );
});

function unformat(log: string): string {
  return log
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [, tag, message] = /^\S+ stdout ([FP]) (.*)$/s.exec(line) ?? [];
      return tag === "F" ? `${message}\n` : message;
    })
    .join("");
}
