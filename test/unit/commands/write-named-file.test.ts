import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeNamedFile } from "../../../src/commands/write-named-file.ts";
import { createFileSystem } from "../../../src/system/file-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = { fs: createFileSystem() };
const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a file that is not there is made with its mode", async () => {
  const path = join(createTempTree({}), "new");
  await writeNamedFile(system, { path, data: "x", mode: 0o640 });
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["x", 0o640]);
});

test("one that was closed to others stays closed", async () => {
  const path = join(createTempTree({ secret: "old, and longer" }), "secret");
  chmodSync(path, 0o600);
  await writeNamedFile(system, { path, data: "new", mode: 0o644 });
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["new", 0o600]);
});

test("a link that somebody has put there is replaced, and what it leads to stays", async () => {
  const dir = createTempTree({ victim: "what belongs to others" });
  symlinkSync("victim", join(dir, "link"));
  await writeNamedFile(system, { path: join(dir, "link"), data: "new", mode: 0o644 });
  expect(lstatSync(join(dir, "link")).isFile()).toBe(true);
  expect(readFileSync(join(dir, "victim"), "utf8")).toBe("what belongs to others");
});

test("a pipe stays a pipe, and who reads it gets all", async () => {
  const path = join(createTempTree({}), "pipe");
  execFileSync("mkfifo", [path]);
  const read = readFile(path, "utf8");
  await writeNamedFile(system, { path, data: "through", mode: 0o644 });
  expect([await read, statSync(path).isFIFO()]).toEqual(["through", true]);
});

test("a device stays a device", async () => {
  await writeNamedFile(system, { path: "/dev/null", data: "x", mode: 0o644 });
  expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  await expect(writeNamedFile(system, { path: "/dev/full", data: "x", mode: 0o644 })).rejects.toMatchObject({
    code: "ENOSPC",
  });
});
