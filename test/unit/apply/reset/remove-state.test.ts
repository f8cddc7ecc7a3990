import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Removal } from "../../../../src/apply/reset/build-reset-plan.ts";
import { removeState } from "../../../../src/apply/reset/remove-state.ts";
import { listHalfMade } from "../../../../src/apply/state-dir.ts";
import { buildPaths } from "../../../../src/core/paths.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const TREE = { "r/var/lib/slipway/ledger.json": "{}", "r/var/lib/slipway/containers/x": "" };

function prepare(keep: readonly string[] = []) {
  const dir = createTempTree(TREE);
  const paths = buildPaths({ root: join(dir, "r"), uid: 0 });
  const removals = ["var/lib/slipway", "var/lib", "var", "."].map(
    (path): Removal => ({
      kind: path.endsWith("slipway") ? "tree" : "dir",
      path: join(dir, "r", path),
      keep: keep.includes(path),
      modeBefore: 0o700,
    }),
  );
  return { dir, paths, removals };
}

test("the state directory goes with those above it that hold nothing else", async () => {
  const { dir, paths, removals } = prepare();
  expect(await removeState(createFakeSystem(), { paths, removals })).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});

test("directories that were there before, or hold something else, stay, and only the latter is a problem", async () => {
  const before = prepare(["var", "."]);
  expect(await removeState(createFakeSystem(), before)).toEqual([]);
  expect(readdirSync(join(before.dir, "r/var"))).toEqual([]);
  const full = prepare();
  writeFileSync(join(full.dir, "r/var/theirs"), "");
  const [problem, ...rest] = await removeState(createFakeSystem(), full);
  expect(problem).toMatch(/r\/var\/theirs was not made by Slipway: move it away or remove it/);
  expect(rest).toEqual([]);
  expect(readdirSync(join(full.dir, "r/var"))).toEqual(["theirs"]);
});

test("one that is cut off leaves the ledger, or what the next reset finds", async () => {
  const { dir, paths, removals } = prepare();
  const stop = (): Promise<never> => Promise.reject(new Error("cut off"));
  const early = createFakeSystem({ fs: { rename: stop } });
  expect(await removeState(early, { paths, removals })).toHaveLength(1);
  expect(existsSync(paths.ledgerPath)).toBe(true);
  expect(await listHalfMade(early, paths)).toEqual([]);
  const late = createFakeSystem({ fs: { removeFile: stop } });
  expect(await removeState(late, { paths, removals })).toHaveLength(1);
  expect(await listHalfMade(late, paths)).toEqual([
    expect.stringMatching(`^${dir}/\\.r\\.[0-9a-f]{12}\\.tmp$`),
  ]);
});
