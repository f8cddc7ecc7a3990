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

test("one that was closed to others stays closed, also behind a link, which stays a link", async () => {
  const dir = createTempTree({ secret: "old, and longer" });
  chmodSync(join(dir, "secret"), 0o600);
  symlinkSync("secret", join(dir, "link"));
  await writeNamedFile(system, { path: join(dir, "link"), data: "new", mode: 0o644 });
  expect([readFileSync(join(dir, "secret"), "utf8"), modeOf(join(dir, "secret"))]).toEqual(["new", 0o600]);
  expect(lstatSync(join(dir, "link")).isSymbolicLink()).toBe(true);
});

test("a link that leads nowhere makes what it names", async () => {
  const dir = createTempTree({});
  symlinkSync("target", join(dir, "link"));
  await writeNamedFile(system, { path: join(dir, "link"), data: "new", mode: 0o644 });
  expect(readFileSync(join(dir, "target"), "utf8")).toBe("new");
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
