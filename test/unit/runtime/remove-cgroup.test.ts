import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listCgroupTree } from "../../../src/runtime/remove-cgroup.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

test("cgroups are listed with all below them, parents first", async () => {
  const root = createTempTree({ "a/b/c": "dir/", "a/cgroup.procs": "", "a/d": "dir/" });
  expect(await listCgroupTree(createFakeSystem(), join(root, "a"))).toEqual(
    ["a", "a/b", "a/b/c", "a/d"].map((path) => join(root, path)),
  );
  expect(await listCgroupTree(createFakeSystem(), join(root, "x"))).toEqual([]);
});

test("a cgroup that goes while it is looked at has nothing in it", async () => {
  const root = createTempTree({ "a/b/c": "dir/", "a/d": "dir/" });
  const gone = join(root, "a/b");
  const { fs } = createFakeSystem();
  const list = (path: string): Promise<readonly string[]> => {
    if (path === gone) rmSync(gone, { recursive: true });
    return fs.list(path);
  };
  const dirs = await listCgroupTree(createFakeSystem({ fs: { list } }), join(root, "a"));
  expect(dirs).toEqual([join(root, "a"), gone, join(root, "a/d")]);
});
