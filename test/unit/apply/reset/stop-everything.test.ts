import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stopEverything } from "../../../../src/apply/reset/stop-everything.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

test.each([
  ["ends with all containers", {}, false],
  ["stays for those that go on when etcd is stopped alone", { only: "etcd" }, true],
])("what bounds the containers' output %s", async (_name, only, stays) => {
  const paths = buildPaths({ root: createTempTree({}), uid: 0 });
  const notePath = join(paths.containersDir, ".spool-keeper");
  mkdirSync(paths.containersDir, { recursive: true });
  writeFileSync(notePath, "4242 1 another-boot\n");
  const plan = { runnerPids: [] };
  await stopEverything(createFakeSystem(), { paths, plan, onWait: () => undefined, ...only });
  expect(existsSync(notePath)).toBe(stays);
});
