import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LedgerEntry } from "../../../src/apply/ledger.ts";
import { hashText } from "../../../src/apply/ledger.ts";
import { observeEntries } from "../../../src/apply/observe-entries.ts";
import { buildPlan } from "../../../src/plan/build-plan.ts";
import type { Plan, Step } from "../../../src/plan/types.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { rootedPlanInput } from "../../support/plan-input.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem();
const NOTHING = hashText("");

function planOf(changes: Partial<Plan>): Plan {
  return { kubernetesVersion: "v1.37.2", phases: [], steps: [], trees: [], sharedTrees: [], ...changes };
}

function fileStep(path: string): Step {
  return { kind: "file", id: path, phase: "p", title: path, needs: [], path, mode: 0o600, content: "" };
}

function directoryStep(path: string): Step {
  return { kind: "directory", id: path, phase: "p", title: path, needs: [], path, mode: 0o755 };
}

function observe(changes: Partial<Plan>, earlier: readonly LedgerEntry[] = []) {
  return observeEntries(system, { plan: planOf(changes), earlier });
}

test("a path is listed with each directory above it that is missing, parents first", async () => {
  const root = createTempTree({ etc: "dir/" });
  expect(await observe({ steps: [fileStep(join(root, "etc/a/b/c"))] })).toEqual([
    { kind: "dir", path: join(root, "etc/a"), existedBefore: false },
    { kind: "dir", path: join(root, "etc/a/b"), existedBefore: false },
    { kind: "file", path: join(root, "etc/a/b/c"), existedBefore: false, sha256: NOTHING },
  ]);
});

test("what is there already is marked, a directory with its mode", async () => {
  const root = createTempTree({ "d/f": "x" });
  chmodSync(join(root, "d"), 0o751);
  const steps = [directoryStep(join(root, "d")), fileStep(join(root, "d/f"))];
  expect(await observe({ steps })).toEqual([
    { kind: "dir", path: join(root, "d"), existedBefore: true, modeBefore: 0o751 },
    { kind: "file", path: join(root, "d/f"), existedBefore: true, sha256: NOTHING },
  ]);
});

test("a directory made in a user's home is shared with what that user's programs put there", async () => {
  const root = createTempTree({ "home/ann": "dir/" });
  const paths = { from: join(root, "admin.conf"), path: join(root, "home/ann/.kube/config") };
  const copy: Step = {
    kind: "copy-kubeconfig",
    id: "c",
    phase: "p",
    title: "c",
    needs: [],
    ...paths,
    uid: 1,
    gid: 1,
  };
  expect(await observe({ steps: [copy] })).toEqual([
    { kind: "shared-dir", path: join(root, "home/ann/.kube"), existedBefore: false },
    { kind: "copy", path: paths.path, of: paths.from, existedBefore: false },
  ]);
});

test("a dangling link counts as there", async () => {
  const root = createTempTree({ link: { link: "/nowhere" } });
  expect(await observe({ steps: [fileStep(join(root, "link"))] })).toMatchObject([{ existedBefore: true }]);
});

test("what an earlier ledger says stands, but for what is written, also of paths that are in no plan any more", async () => {
  const root = createTempTree({ "d/f": "x" });
  const earlier: readonly LedgerEntry[] = [
    { kind: "dir", path: join(root, "d"), existedBefore: false },
    { kind: "file", path: join(root, "d/gone"), existedBefore: false },
  ];
  const written: LedgerEntry = { kind: "file", path: join(root, "d/f"), existedBefore: false };
  const steps = [directoryStep(join(root, "d")), fileStep(join(root, "d/f"))];
  expect(await observe({ steps }, [...earlier, written])).toEqual([
    earlier[0],
    { ...written, sha256: NOTHING },
    earlier[1],
  ]);
});

test("a tree is one entry, and a step that makes it adds none", async () => {
  const root = createTempTree({});
  const path = join(root, "data");
  expect(await observe({ trees: [path], steps: [directoryStep(path)] })).toEqual([
    { kind: "tree", path, existedBefore: false },
  ]);
});

test("a shared tree that held something before is no tree of ours", async () => {
  const root = createTempTree({ "full/foreign": "x", empty: "dir/" });
  const sharedTrees = ["empty", "full", "new"].map((name) => join(root, name));
  const mode = expect.any(Number);
  expect(await observe({ sharedTrees, steps: sharedTrees.map(directoryStep) })).toEqual([
    { kind: "tree", path: join(root, "empty"), existedBefore: true, modeBefore: mode },
    { kind: "dir", path: join(root, "full"), existedBefore: true, modeBefore: mode },
    { kind: "tree", path: join(root, "new"), existedBefore: false },
  ]);
});

test("a whole plan lists each path that it makes once, each below a directory that is there or listed", async () => {
  const root = createTempTree({});
  const plan = buildPlan(await rootedPlanInput(root));
  const entries = await observeEntries(system, { plan, earlier: [] });
  const paths = entries.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toEqual(paths.toSorted());
  expect(entries.every(({ existedBefore }) => !existedBefore)).toBe(true);
  for (const file of ["etc/kubernetes/pki/etcd/ca.key", "etc/kubernetes/pki/sa.pub", "var/lib/slipway"]) {
    expect(paths).toContain(join(root, file));
  }
  for (const path of paths) {
    const parent = join(path, "..");
    expect(parent === root || paths.includes(parent)).toBe(true);
  }
});
