import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatElapsed, parseDurationMs } from "../../../src/core/duration.ts";

test.each([
  ["4m0s", 240_000],
  ["1h2m3.5s", 3_723_500],
  ["1.5h", 5_400_000],
  [".5s", 500],
  ["1.s", 1000],
  ["300ms", 300],
  ["1m1ms", 60_001],
  ["2µs", 0.002],
  ["2μs", 0.002],
  ["1s1s", 2000],
  ["-1m", -60_000],
  ["+1m", 60_000],
  ["0", 0],
  ["-0", 0],
  ["+0", 0],
])("%s is read as Go reads it", (text, ms) => {
  expect(Math.abs(parseDurationMs(text) ?? Number.NaN)).toBeCloseTo(Math.abs(ms), 9);
  expect(Math.sign(parseDurationMs(text) ?? 0) + 0).toBe(Math.sign(ms));
});

test.each([
  "",
  "5",
  "s",
  "1d",
  "1 s",
  "1s ",
  " 1s",
  "-",
  "--1s",
  "1e3s",
  "2562048h",
  ".s",
  "1h-2m",
  "0x1s",
  "1S",
  "00",
])("%j is no duration", (text) => {
  expect(parseDurationMs(text)).toBeUndefined();
});

test("any text gives a number or nothing", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const ms = parseDurationMs(text);
      expect(ms === undefined || Number.isFinite(ms)).toBe(true);
    }),
  );
});

test.each([
  [0, "0s"],
  [300, "300ms"],
  [1500, "1.5s"],
  [240_000, "4m0s"],
  [86_400_000, "24h0m0s"],
  [-90_000, "-1m30s"],
])("%d ms is written as Go writes it", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (ms) => {
      expect(parseDurationMs(formatDuration(ms))).toBe(ms);
    }),
  );
});

test.each([
  [-60_000, "<invalid>"],
  [-1500, "0 ms"],
  [0, "0 ms"],
  [340.4, "340 ms"],
  [999.7, "1.0 s"],
  [3400, "3.4 s"],
  [59_940, "59.9 s"],
  [59_990, "1m 00s"],
  [125_000, "2m 05s"],
  [11_520_000, "3h 12m"],
  [172_799_999, "47h 59m"],
  [3_542_400_000, "41d"],
])("%d ms is told to people as %s", (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});
