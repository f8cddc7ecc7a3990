import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeLog } from "../../../src/runtime/logs/remove-log.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

test("a run's log goes with its rotated files, those of other runs stay", async () => {
  const names = ["0.log", "0.log.20260101-000001.gz", "0.log.20260101-000002", "1.log", "10.log"];
  const dir = createTempTree(Object.fromEntries(names.map((name) => [name, ""])));
  await removeLog(createFakeSystem(), join(dir, "0.log"));
  expect(readdirSync(dir)).toEqual(["1.log", "10.log"]);
});

test("a log that is gone already is no failure", async () => {
  await expect(removeLog(createFakeSystem(), "/nowhere/main/0.log")).resolves.toBeUndefined();
});
