import { chmodSync, existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Removal } from "../../../../src/apply/reset/build-reset-plan.ts";
import { removePath } from "../../../../src/apply/reset/remove-path.ts";
import { createFakeSystem, systemError } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem();

function remove(change: Pick<Removal, "kind" | "path"> & Partial<Removal>): Promise<string | undefined> {
  return removePath(system, { keep: false, modeBefore: undefined, ...change });
}

test("a file goes, and what is not there is fine", async () => {
  const root = createTempTree({ f: "x" });
  expect(await remove({ kind: "file", path: join(root, "f") })).toBeUndefined();
  expect(existsSync(join(root, "f"))).toBe(false);
  for (const kind of ["file", "dir", "tree"] as const) {
    expect(await remove({ kind, path: join(root, "f") })).toBeUndefined();
  }
});

test("a directory that others use as well goes when it is empty, else stays without a word", async () => {
  const root = createTempTree({ empty: "dir/", "full/cache": "theirs" });
  for (const name of ["empty", "full"]) {
    expect(await remove({ kind: "shared-dir", path: join(root, name) })).toBeUndefined();
  }
  expect(readdirSync(root, { recursive: true }).toSorted()).toEqual(["full", "full/cache"]);
});

test("a link in a file's place goes, and what it leads to stays", async () => {
  const root = createTempTree({ "target/x": "precious" });
  const link = join(createTempTree({ link: { link: join(root, "target") } }), "link");
  expect(await remove({ kind: "file", path: link })).toBeUndefined();
  expect(existsSync(link)).toBe(false);
  expect(existsSync(join(root, "target/x"))).toBe(true);
});

test("an empty directory goes; one that holds something is left, and what it holds is told", async () => {
  const root = createTempTree({ empty: "dir/", "full/a": "", "full/b": "", "full/c": "", "full/d": "" });
  expect(await remove({ kind: "dir", path: join(root, "empty") })).toBeUndefined();
  expect(await remove({ kind: "dir", path: join(root, "full") })).toBe(
    `${join(root, "full/a")}, ${join(root, "full/b")}, ${join(root, "full/c")}, and 1 more were not made by Slipway: move them away or remove them`,
  );
  expect(readdirSync(root)).toEqual(["full"]);
});

test("a foreign file is told once, and not its directories again that stay for it", async () => {
  const root = createTempTree({ "etc/kubernetes/notes": "" });
  const [etc, kubernetes] = [join(root, "etc"), join(root, "etc/kubernetes")];
  const own = new Set([etc, kubernetes]);
  const removal = { kind: "dir", keep: false, modeBefore: undefined, own } as const;
  expect(await removePath(system, { ...removal, path: kubernetes })).toBe(
    `${join(kubernetes, "notes")} was not made by Slipway: move it away or remove it`,
  );
  expect(await removePath(system, { ...removal, path: etc })).toBeUndefined();
});

test("a tree goes with all that is in it; links in it go and are not followed", async () => {
  const outside = createTempTree({ "d/x": "precious" });
  const root = createTempTree({
    "tree/a/b/c": "x",
    "tree/.hidden": "x",
    "tree/link": { link: join(outside, "d") },
    "tree/a/loop": { link: ".." },
  });
  expect(await remove({ kind: "tree", path: join(root, "tree") })).toBeUndefined();
  expect(readdirSync(root)).toEqual([]);
  expect(existsSync(join(outside, "d/x"))).toBe(true);
});

test.each(["dir", "tree"] as const)("a link in the place of a %s is left", async (kind) => {
  const outside = createTempTree({ "d/x": "precious" });
  const link = join(createTempTree({ link: { link: join(outside, "d") } }), "link");
  expect(await remove({ kind, path: link })).toBe(`${link} is no directory any more; it is left`);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(existsSync(join(outside, "d/x"))).toBe(true);
});

test("a tree that was there before is emptied, stays, and gets its mode back", async () => {
  const root = createTempTree({ "tree/a/b": "x" });
  chmodSync(join(root, "tree"), 0o700);
  expect(
    await remove({ kind: "tree", path: join(root, "tree"), keep: true, modeBefore: 0o751 }),
  ).toBeUndefined();
  expect(readdirSync(join(root, "tree"))).toEqual([]);
  expect(statSync(join(root, "tree")).mode & 0o777).toBe(0o751);
});

test("a directory that was there before keeps what it holds and gets its mode back", async () => {
  const root = createTempTree({ "d/foreign": "x" });
  chmodSync(join(root, "d"), 0o700);
  expect(await remove({ kind: "dir", path: join(root, "d"), keep: true, modeBefore: 0o755 })).toBeUndefined();
  expect(readdirSync(join(root, "d"))).toEqual(["foreign"]);
  expect(statSync(join(root, "d")).mode & 0o777).toBe(0o755);
});

test("a mount point below a tree is left, and told", async () => {
  const root = createTempTree({ "tree/mnt/x": "precious" });
  const mounted = createFakeSystem({
    fs: {
      lstat: async (path) => {
        const status = await system.fs.lstat(path);
        return status && path.endsWith("/mnt") ? { ...status, dev: status.dev + 1 } : status;
      },
    },
  });
  const path = join(root, "tree");
  expect(await removePath(mounted, { kind: "tree", path, keep: false, modeBefore: undefined })).toBe(
    `${path}/mnt is a mount point: unmount it, then run slipway reset again`,
  );
  expect(existsSync(join(root, "tree/mnt/x"))).toBe(true);
});

test("what may not be removed is told with its path", async () => {
  const root = createTempTree({ f: "x" });
  const refusing = createFakeSystem({ fs: { removeFile: () => Promise.reject(systemError("EROFS")) } });
  const path = join(root, "f");
  expect(await removePath(refusing, { kind: "file", path, keep: false, modeBefore: undefined })).toBe(
    `cannot remove ${path}: the file system is read-only`,
  );
});

test("what was mounted is unmounted, and what is no mount point any more is left alone", async () => {
  const root = createTempTree({ "volumes/m/x": "" });
  const path = join(root, "volumes/m");
  const files = createFakeSystem().fs;
  const mounted = createFakeSystem({
    fs: {
      lstat: async (asked) => {
        const status = await files.lstat(asked);
        return status === undefined || asked !== path ? status : { ...status, dev: status.dev + 1 };
      },
    },
    run: () => ({}),
  });
  await removePath(mounted, { kind: "mount", path, keep: false, modeBefore: undefined });
  expect(mounted.runs.map(({ command, args }) => [command, ...(args ?? [])])).toEqual([
    ["umount", "--lazy", path],
  ]);
  expect(await remove({ kind: "mount", path })).toBeUndefined();
  expect(readdirSync(path)).toEqual(["x"]);
});
