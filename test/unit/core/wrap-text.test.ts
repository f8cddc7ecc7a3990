import { expect, test } from "vitest";
import { wrapText } from "../../../src/core/wrap-text.ts";

test("lines are broken between words, and go on indented", () => {
  expect(wrapText("aaa bbb ccc\n  ddd eee", { columns: 8, indent: 2 })).toBe("aaa bbb\n  ccc\n  ddd\n  eee");
});

test("a word that fits no line stays where it is", () => {
  expect(wrapText("see /a/long/path now", { columns: 8, indent: 2 })).toBe("see /a/long/path\n  now");
});

test("colours take no room", () => {
  expect(wrapText("\u001b[33maaa\u001b[39m bbb ccc", { columns: 7, indent: 2 })).toBe(
    "\u001b[33maaa\u001b[39m bbb\n  ccc",
  );
});

test("a line that is indented more than the others goes on below itself", () => {
  expect(wrapText("       one two three", { columns: 14, indent: 4 })).toBe("       one two\n         three");
});
