import { expect, test } from "vitest";
import { toOneLine } from "../../../src/core/one-line.ts";

test.each([
  ["a plain line,  with two blanks", "a plain line,  with two blanks"],
  ["\x1b[31mred\x1b[0m and \x1b[2Jcleared", "red and cleared"],
  ["\x1b]0;title\x07 said", "said"],
  ["one\r\ntwo\tthree\n", "one two three"],
  ["bell \x07, C1 \x9b, right to left \u202e", "bell \\007, C1 \\302\\233, right to left \\342\\200\\256"],
])("%j is quoted as %j", (text, line) => {
  expect(toOneLine(text)).toBe(line);
});

test("no more is quoted than a person reads", () => {
  expect(toOneLine("z".repeat(131_000))).toBe(`${"z".repeat(1000)}…`);
});
