import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText, findUndecoded, replaceUndecoded } from "../../../src/core/decode-text.ts";

const bytesOf = (...parts: readonly (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(typeof part === "string" ? part : [part])));

test("UTF-8 is read as it is, with its byte order mark", () => {
  const text = "\uFEFFcafé \u{1F600} \uFFFD\n";
  expect(decodeText(Buffer.from(text))).toBe(text);
  expect(findUndecoded(text)).toBeUndefined();
});

test("UTF-16 is read when a byte order mark says so", () => {
  const text = "\uFEFFcafé \u{1F600}\n";
  const little = Buffer.from(text, "utf16le");
  expect(decodeText(little)).toBe(text);
  expect(decodeText(Buffer.from(little).swap16())).toBe(text);
});

test.each([
  ["a byte of Latin-1", bytesOf("ab", 0xe9, "c"), 2],
  ["one behind a real replacement character", bytesOf("\uFFFDé", 0xe9, "\uFFFD"), 2],
  ["a character that is cut off", bytesOf("é", 0xe2, 0x82), 1],
  ["half of a surrogate pair", bytesOf("a", 0xed, 0xa0, 0x80), 1],
  ["a byte too many in UTF-16", bytesOf(0xff, 0xfe, "a", 0, 0x41), 2],
  ["half of a pair in UTF-16", bytesOf(0xfe, 0xff, 0xd8, 0, 0, "a"), 1],
])("%s is found where it stands", (_, bytes, index) => {
  const text = decodeText(bytes);
  expect(findUndecoded(text)).toBe(index);
  expect(findUndecoded(replaceUndecoded(text))).toBeUndefined();
});

test("of any bytes the text says whether they are UTF-8", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const bytes = Buffer.from(array);
      fc.pre(!/^(?:\xFF\xFE|\xFE\xFF)/.test(bytes.toString("latin1")));
      const text = decodeText(bytes);
      const isRight = Buffer.from(bytes.toString("utf8")).equals(bytes);
      expect(findUndecoded(text) === undefined).toBe(isRight);
      expect(replaceUndecoded(text)).toBe(bytes.toString("utf8"));
    }),
  );
});
