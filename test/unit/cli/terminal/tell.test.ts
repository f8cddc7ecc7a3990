import { beforeEach, expect, test } from "vitest";
import { locate } from "../../../../src/cli/completion/locate.ts";
import { main } from "../../../../src/cli/main.ts";
import { createUi } from "../../../../src/cli/terminal/create-ui.ts";
import { printFailure } from "../../../../src/cli/terminal/print-failure.ts";
import { tell } from "../../../../src/cli/terminal/tell.ts";
import { type CapturedOutput, captureOutput } from "../../../support/capture-output.ts";
import { buildWholeProgram } from "../../../support/command-lines.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

let output: CapturedOutput;

beforeEach(() => {
  output = captureOutput();
});

/** What stands on stderr, each line an object of ours. */
function jsonLines(): readonly unknown[] {
  return output
    .stderr()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const API = { apiVersion: "slipway.dev/v1" };

test("people are told in plain lines", () => {
  tell({ kind: "Note", message: "one" }, { json: false });
  tell({ kind: "Warning", message: "two" }, { json: false });
  tell({ kind: "Progress", phase: "certs", message: "three" }, { json: false });
  expect(output.stderr()).toBe("one\nwarning: two\n[certs] three\n");
});

test("a program is told in an object a line, without secrets", () => {
  tell({ kind: "Note", message: "one\ntwo" }, { json: true });
  tell({ kind: "Warning", message: "token: abcdef.0123456789abcdef" }, { json: true });
  expect(jsonLines()).toEqual([
    { ...API, kind: "Note", message: "one\ntwo" },
    { ...API, kind: "Warning", message: expect.not.stringContaining("0123456789abcdef") },
  ]);
});

test("under -o json nothing is asked, and progress is objects", async () => {
  const ui = createUi({ json: true });
  expect(ui.interactive).toBe(false);
  await expect(
    ui.confirm({ message: "?", initial: true, unasked: "slipway init --yes" }),
  ).rejects.toMatchObject({
    code: "SLIPWAY_NO_TERMINAL",
    why: "under -o json nothing is asked",
  });
  ui.showProgress([]).done("certs", "sign ca.crt");
  expect(jsonLines()).toEqual([{ ...API, kind: "Progress", phase: "certs", message: "sign ca.crt" }]);
});

test.each([
  [new Error("broken"), undefined, { kind: "InternalError", what: "broken", stack: expect.any(String) }],
  [new Error("interrupted by SIGINT"), 130, { kind: "Interrupted", message: expect.any(String) }],
])("a bug and an interruption are objects, too: %s", (error, interrupted, expected) => {
  printFailure(error, { json: true, place: locate(buildWholeProgram(), ["init", ""]), interrupted });
  expect(jsonLines()).toEqual([{ ...API, ...expected }]);
});

test("a whole init and reset under -o json write nothing but objects on stderr", async () => {
  const root = createTempTree({});
  const flags = ["--root", root, "-o", "json"];
  const external = ["--runtime", "external", "--ignore-preflight-errors", "all"];
  const address = ["--apiserver-advertise-address", "127.0.0.1"];
  expect(await main(["init", "--yes", ...external, ...address, ...flags])).toBe(0);
  expect(await main(["reset", "--force", ...flags])).toBe(0);
  expect(jsonLines().length).toBeGreaterThan(5);
  expect(jsonLines()).toEqual(jsonLines().map(() => expect.objectContaining(API)));
});
