import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  compactMadePaths,
  type MadePath,
  noteMadePath,
  readMadePaths,
} from "../../../src/runtime/made-paths.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

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

test("compacting keeps once, in order, what is still there to undo, and what may only be away", async () => {
  const dir = createTempTree({ "logs/kept": "dir/", made: "dir/" });
  const system = createFakeSystem();
  const notesPath = join(dir, "made-paths.jsonl");
  const made = (kind: MadePath["kind"], path: string): MadePath => ({ kind, path: join(dir, path) });
  const kept = [
    made("dir", "hostpath"),
    made("tree", "logs/kept"),
    made("file", "gone"),
    made("tree", "no-disk/x"),
  ];
  const dropped = [made("tree", "logs/removed"), made("mount", "made"), made("mount", "gone")];
  for (const each of [...kept, ...dropped, ...kept]) await noteMadePath(system, { notesPath, made: each });
  appendFileSync(notesPath, '{"kind":"tr');
  await compactMadePaths(system, notesPath);
  expect(await readMadePaths(system, notesPath)).toEqual(kept);
  const text = readFileSync(notesPath, "utf8");
  await compactMadePaths(system, notesPath);
  expect(readFileSync(notesPath, "utf8")).toBe(text);
});
