import { join } from "node:path";
import { expect, test } from "vitest";
import {
  readTerminationMessage,
  type TerminationMessage,
} from "../../../src/runtime/read-termination-message.ts";
import { buildContainerSpec } from "../../support/container-spec.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const LINES = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
const LOG = LINES.map((line) => `2026-11-22T17:00:00.000000000Z stderr F ${line}\n`).join("");

/** What is read of a container that left these files and exited with 1, unless it is said otherwise. */
function read(
  files: Readonly<Record<string, string>>,
  change: Partial<TerminationMessage> & { readonly exitCode?: number; readonly noFile?: boolean } = {},
): Promise<string | undefined> {
  const { exitCode = 1, noFile = false, ...rules } = change;
  const dir = createTempTree(files);
  const said = noFile ? {} : { path: join(dir, "said") };
  const terminationMessage = { ...said, fallbackToLogs: false, maxBytes: 12_288, ...rules };
  const spec = buildContainerSpec({ logPath: join(dir, "0.log"), terminationMessage });
  return readTerminationMessage(createFakeSystem(), { spec, exitCode });
}

test("the end of the file is the message, after a success too", async () => {
  expect(await read({ said: "no disk" })).toBe("no disk");
  expect(await read({ said: "done", "0.log": LOG }, { exitCode: 0, fallbackToLogs: true })).toBe("done");
  expect(await read({ said: `begin${"x".repeat(4096)}` })).toBe("x".repeat(4096));
});

test("an empty file is no message", async () => {
  expect(await read({ said: "", "0.log": LOG })).toBeUndefined();
});

test("with the fallback a failure without a message has the last eighty lines of the log", async () => {
  const last = `${LINES.slice(-80).join("\n")}\n`;
  expect(await read({ said: "", "0.log": LOG }, { fallbackToLogs: true })).toBe(last);
  expect(await read({ "0.log": LOG }, { fallbackToLogs: true, noFile: true })).toBe(last);
  expect(await read({ "0.log": LOG }, { fallbackToLogs: true, exitCode: 0 })).toBeUndefined();
});

test("of long lines in the log the last two KiB count", async () => {
  const log = `2026-11-22T17:00:00.000000000Z stderr F ${"x".repeat(3000)}\n`;
  expect(await read({ "0.log": log }, { fallbackToLogs: true })).toBe(`${"x".repeat(2047)}\n`);
});

test("a container has its share of what those of its pod may say", async () => {
  expect(await read({ said: "four and more" }, { maxBytes: 4 })).toBe("four");
});

test("a file or log that cannot be read is told in the message", async () => {
  expect(await read({ "said/x": "" })).toMatch(/^Error on reading termination log .*said: EISDIR/);
  expect(await read({}, { fallbackToLogs: true })).toMatch(
    /^Error on reading termination message from logs: ENOENT/,
  );
});
