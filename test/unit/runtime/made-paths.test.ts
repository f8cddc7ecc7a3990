import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { noteMadePath, readMadePaths } from "../../../src/runtime/made-paths.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

test("a note that a full disk has halved spoils neither the notes before it nor those after", async () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-notes-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const system = createFakeSystem();
  const notesPath = join(dir, "made-paths.jsonl");
  await noteMadePath(system, { notesPath, made: { kind: "dir", path: "/a" } });
  appendFileSync(notesPath, '\n{"kind":"tree","pa');
  await noteMadePath(system, { notesPath, made: { kind: "tree", path: "/b" } });
  expect(await readMadePaths(system, notesPath)).toEqual([
    { kind: "dir", path: "/a" },
    { kind: "tree", path: "/b" },
  ]);
});
