import { chmodSync, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeDirs, removeTree } from "../../../src/system/directories.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem();

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

test("a directory is made with the parents it lacks, each with the mode", async () => {
  const root = createTempTree({});
  await makeDirs(system, { path: join(root, "a/b"), mode: 0o700 });
  expect([modeOf(join(root, "a")), modeOf(join(root, "a/b"))]).toEqual([0o700, 0o700]);
});

test("what is there keeps its mode", async () => {
  const root = createTempTree({ a: "dir/" });
  chmodSync(join(root, "a"), 0o751);
  await makeDirs(system, { path: join(root, "a"), mode: 0o700 });
  expect(modeOf(join(root, "a"))).toBe(0o751);
});

test("a file in the place of a parent is an error", async () => {
  const root = createTempTree({ a: "file" });
  await expect(makeDirs(system, { path: join(root, "a/b"), mode: 0o700 })).rejects.toMatchObject({
    code: "ENOTDIR",
  });
});

test("a tree goes with all that is in it; links go and are not followed", async () => {
  const outside = createTempTree({ "d/x": "precious" });
  const root = createTempTree({ "t/a/b": "x", "t/link": { link: join(outside, "d") }, "t/e": "dir/" });
  await removeTree(system, join(root, "t"));
  expect(readdirSync(root)).toEqual([]);
  expect(existsSync(join(outside, "d/x"))).toBe(true);
});

test("a file or a link goes, and nothing is fine", async () => {
  const root = createTempTree({ f: "x", link: { link: "/etc" } });
  for (const name of ["f", "link", "nothing"]) await removeTree(system, join(root, name));
  expect(readdirSync(root)).toEqual([]);
});

test("what is mounted below a tree stays", async () => {
  const root = createTempTree({ "t/mnt/x": "precious", "t/a": "x" });
  const mounted = createFakeSystem({
    fs: {
      lstat: async (path) => {
        const status = await system.fs.lstat(path);
        return status && path.endsWith("/mnt") ? { ...status, dev: status.dev + 1 } : status;
      },
    },
  });
  await removeTree(mounted, join(root, "t"));
  expect(readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted()).toEqual([
    "t",
    "t/mnt",
    "t/mnt/x",
  ]);
});
