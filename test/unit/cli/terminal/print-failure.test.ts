import { CommanderError } from "commander";
import { beforeEach, expect, test } from "vitest";
import { locate } from "../../../../src/cli/completion/locate.ts";
import { printFailure } from "../../../../src/cli/terminal/print-failure.ts";
import { SlipwayError } from "../../../../src/core/errors.ts";
import { type CapturedOutput, captureOutput } from "../../../support/capture-output.ts";
import { buildWholeProgram } from "../../../support/command-lines.ts";

let output: CapturedOutput;

beforeEach(() => {
  output = captureOutput();
});

const ERROR = new SlipwayError({
  code: "SLIPWAY_PREFLIGHT",
  what: "w",
  why: "y",
  fix: "f",
  details: ["one", "token: abc"],
});

const place = locate(buildWholeProgram(), ["init", ""]);
const PLAIN = { json: false, place, interrupted: undefined };

test("details stand between why and fix, and secrets are hidden", () => {
  expect(printFailure(ERROR, PLAIN)).toBe(4);
  expect(output.stderr()).toBe(
    "error: w\n  why: y\n       one\n       token: <hidden>\n  fix: f\n  code: SLIPWAY_PREFLIGHT\n",
  );
});

test("JSON has the same parts, and secrets are hidden there, too", () => {
  expect(printFailure(ERROR, { ...PLAIN, json: true })).toBe(4);
  expect(JSON.parse(output.stderr())).toEqual({
    apiVersion: "slipway.dev/v1",
    kind: "Error",
    code: "SLIPWAY_PREFLIGHT",
    what: "w",
    why: "y",
    fix: "f",
    details: ["one", "token: <hidden>"],
  });
});

test("a bug is told with its stack and how to report it, and ends with 70", () => {
  expect(printFailure(new Error("broken"), PLAIN)).toBe(70);
  expect(output.stderr()).toMatch(/^internal error: broken\nError: broken\n {4}at /);
  expect(output.stderr()).toContain("Please report it");
});

test("anything that is thrown is told", () => {
  expect(printFailure("a text", PLAIN)).toBe(70);
  expect(output.stderr()).toContain("internal error: a text");
});

test("an interruption is no bug, and ends as shells have it", () => {
  expect(printFailure(new Error("interrupted by SIGINT"), { ...PLAIN, interrupted: 130 })).toBe(130);
  expect(output.stderr()).toBe("interrupted: what was done stays, and the same command goes on from here\n");
});

test("a failure that came with an interruption is told as itself", () => {
  expect(printFailure(ERROR, { ...PLAIN, interrupted: 130 })).toBe(4);
});

test("help that was asked for is no failure", () => {
  expect(printFailure(new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), PLAIN)).toBe(0);
  expect(output.stderr()).toBe("");
});

test("a process without file descriptors is told to raise its limit, wherever that showed", () => {
  const error = Object.assign(new Error("EMFILE: too many open files, open '/x'"), { code: "EMFILE" });
  expect(printFailure(error, PLAIN)).toBe(1);
  expect(output.stderr()).toContain(
    "why: EMFILE: too many open files, open '/x'\n  fix: raise the limit (ulimit",
  );
  expect(output.stderr()).toContain("code: SLIPWAY_FILE_ACCESS");
});

test("a path that may not be used is told as itself, wherever that showed; the same without a path is a bug", () => {
  const error = Object.assign(new Error("EACCES: permission denied, unlink '/x'"), { code: "EACCES" });
  expect(printFailure(Object.assign(error, { path: "/x" }), PLAIN)).toBe(1);
  expect(output.stderr()).toContain("error: cannot use /x\n  why: permission denied\n  fix: run it as root");
  expect(printFailure(Object.assign(new Error("x"), { code: "EACCES" }), PLAIN)).toBe(70);
});
