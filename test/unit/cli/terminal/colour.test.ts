import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { colourOf, hasColour } from "../../../../src/cli/terminal/colour.ts";

const TERMINAL = { isTTY: true } as NodeJS.WriteStream;
const PIPE = { isTTY: false } as NodeJS.WriteStream;

beforeEach(() => {
  vi.stubEnv("NO_COLOR", undefined);
  vi.stubEnv("TERM", "xterm");
});

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a terminal has colours, a pipe has none", () => {
  expect(hasColour(TERMINAL)).toBe(true);
  expect(colourOf(TERMINAL).red("x")).toBe("\u001b[31mx\u001b[39m");
  expect(hasColour(PIPE)).toBe(false);
  expect(colourOf(PIPE).red("x")).toBe("x");
});

test.each([
  ["NO_COLOR", "1"],
  ["TERM", "dumb"],
])("%s=%s turns colours off", (name, value) => {
  vi.stubEnv(name, value);
  expect(hasColour(TERMINAL)).toBe(false);
});

test("an empty NO_COLOR turns nothing off", () => {
  vi.stubEnv("NO_COLOR", "");
  expect(colourOf(TERMINAL).red("x")).not.toBe("x");
});

test("--no-color turns colours off", () => {
  process.argv.push("--no-color");
  expect(hasColour(TERMINAL)).toBe(false);
  process.argv.pop();
});
