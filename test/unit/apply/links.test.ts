import { lstat, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { checkInsideRoot } from "../../../src/apply/check-inside-root.ts";
import { writeLedger } from "../../../src/apply/ledger.ts";
import { observeEntries } from "../../../src/apply/observe-entries.ts";
import { removeBelowRoot } from "../../../src/apply/reset/remove-path.ts";
import { startRunner } from "../../../src/apply/start-runner.ts";
import { handlerOf } from "../../../src/apply/step-handlers.ts";
import { writeManifests } from "../../../src/commands/init/dry-run.ts";
import { SlipwayError } from "../../../src/core/errors.ts";
import { buildPaths } from "../../../src/core/paths.ts";
import { buildPlan } from "../../../src/plan/build-plan.ts";
import type { Plan, Step } from "../../../src/plan/types.ts";
import { type ControlHandlers, serveControl } from "../../../src/runner/control-server.ts";
import { createNet } from "../../../src/system/net.ts";
import { sampleApplyContext } from "../../support/apply-context.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { hardenedPlanInput } from "../../support/plan-input.ts";
import { createTempTree } from "../../support/temp-tree.ts";

const system = createFakeSystem();
const VICTIM = "what belongs to others\n";

let dir: string;
let root: string;
let plan: Plan;
beforeEach(async () => {
  dir = createTempTree({ "others/file": VICTIM, "root/": "dir/" });
  root = join(dir, "root");
  plan = buildPlan(await hardenedPlanInput(root));
});

const FILE_KINDS: readonly Step["kind"][] = [
  ...(["file", "certificate", "kubeconfig", "service-account-keys"] as const),
  ...(["copy-file", "copy-kubeconfig", "encryption-config"] as const),
];

/** Steps that write files, and the files. */
function listFiles(): readonly { readonly step: Step; readonly path: string }[] {
  return plan.steps.flatMap((step) => {
    if (!FILE_KINDS.includes(step.kind)) return [];
    const paths = ["path", "certPath", "keyPath", "pubPath"].flatMap((name) => {
      const path: unknown = Object.entries(step).find(([key]) => key === name)?.[1];
      return typeof path === "string" && path.startsWith(root) ? [path] : [];
    });
    return paths.map((path) => ({ step, path }));
  });
}

async function expectUntouched(): Promise<void> {
  const victim = join(dir, "others/file");
  expect(await readFile(victim, "utf8")).toBe(VICTIM);
  expect((await lstat(victim)).mode & 0o777).toBe(0o644);
}

/** A step that finds what is there strange may refuse; it may not follow. */
async function applyAnyway(step: Step): Promise<void> {
  const context = sampleApplyContext(root, { isOurs: () => true });
  try {
    const handler = handlerOf(step);
    const { kind } = await handler.observe(system, { step, context });
    if (kind !== "done") await handler.apply(system, { step, context });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
  }
}

test("a link in the place of any file that init writes is replaced or refused, never followed", async () => {
  const files = listFiles();
  expect(files.length).toBeGreaterThan(45);
  expect(new Set(files.map(({ step }) => step.kind))).toEqual(new Set(FILE_KINDS));
  for (const { path } of files) await mkdir(dirname(path), { recursive: true });
  for (const { step } of files) await applyAnyway(step);
  for (const { step, path } of files) {
    const before = await readFile(path);
    await rm(path);
    await symlink(join(dir, "others/file"), path);
    await applyAnyway(step);
    await expectUntouched();
    await rm(path);
    await writeFile(path, before);
  }
});

test("a link in the place of any directory of init's that leads out of the root stops it", async () => {
  const entries = await observeEntries(system, { plan, earlier: [] });
  const dirs = entries.filter(({ kind }) => kind !== "file" && kind !== "copy").map(({ path }) => path);
  expect(dirs.length).toBeGreaterThan(20);
  for (const path of dirs) {
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(dir, "others"), path);
    await expect(checkInsideRoot(system, { root, entries })).rejects.toMatchObject({
      code: "SLIPWAY_FILE_ACCESS",
      why: expect.stringContaining("out of the root"),
    });
    await rm(path);
  }
  await checkInsideRoot(system, { root, entries });
});

test("a link that stays below the root is a directory like any other", async () => {
  await mkdir(join(root, "data/etcd"), { recursive: true });
  await mkdir(join(root, "var/lib"), { recursive: true });
  await symlink("../../data/etcd", join(root, "var/lib/etcd"));
  const entry = { kind: "tree", path: join(root, "var/lib/etcd"), existedBefore: true } as const;
  await checkInsideRoot(system, { root, entries: [entry] });
});

test("reset removes a link in the place of anything of init's, and follows none", async () => {
  const entries = await observeEntries(system, { plan, earlier: [] });
  for (const { kind, path } of entries) {
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(dir, kind === "file" || kind === "copy" ? "others/file" : "others"), path);
    await removeBelowRoot(system, { root, removal: { kind, path, keep: false, modeBefore: undefined } });
    await expectUntouched();
    await rm(path, { force: true });
  }
});

test("reset leaves what is behind a link in the place of a directory above", async () => {
  await mkdir(join(root, "etc"), { recursive: true });
  await symlink(join(dir, "others"), join(root, "etc/kubernetes"));
  const path = join(root, "etc/kubernetes/file");
  const removal = { kind: "file", path, keep: false, modeBefore: undefined } as const;
  expect(await removeBelowRoot(system, { root, removal })).toMatch(/out of the root/);
  await expectUntouched();
});

test("what is appended to or begun anew is not a link's target", async () => {
  const path = join(root, "x.log");
  await symlink(join(dir, "others/file"), path);
  for (const flags of ["a", "w"])
    await expect(system.fs.open(path, { flags, mode: 0o600 })).rejects.toMatchObject({ code: "ELOOP" });
  await expect(system.fs.appendText(path, { text: "x", mode: 0o600 })).rejects.toMatchObject({
    code: "ELOOP",
  });
  await expectUntouched();
  await rm(path);
  await system.fs.appendText(path, { text: "x", mode: 0o600 });
  await writeFile(path, "y");
});

test("a ledger, its copy and a kept configuration replace links in their place", async () => {
  const paths = buildPaths({ root, uid: 0 });
  const files = [paths.ledgerPath, paths.ledgerCopyPath, paths.configCopyPath];
  await mkdir(paths.stateDir, { recursive: true });
  for (const path of files) await symlink(join(dir, "others/file"), path);
  const ledger = {
    apiVersion: "slipway.dev/v1",
    kind: "Ledger",
    root,
    nodeName: "n",
    kubernetesVersion: "v1.37.2",
    entries: [],
  } as const;
  await writeLedger(system, { paths, ledger, configText: "x" });
  for (const path of files) expect((await lstat(path)).isFile()).toBe(true);
  await expectUntouched();
});

test("a runner's log that is a link is not written to", async () => {
  const paths = buildPaths({ root, uid: 0 });
  await mkdir(dirname(paths.runnerLogPath), { recursive: true });
  await symlink(join(dir, "others/file"), paths.runnerLogPath);
  const standby = { pid: 1, exit: () => undefined, begin: () => undefined, dismiss: () => undefined };
  const { signal } = new AbortController();
  await expect(startRunner(system, { paths, standby, signal })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    why: "it is a symbolic link or a loop of them",
  });
  await expectUntouched();
});

test("manifests for --output-dir replace links in their place", async () => {
  const outputDir = join(dir, "out");
  await mkdir(outputDir);
  const prepared = await hardenedPlanInput(root);
  for (const { fileName } of prepared.manifests)
    await symlink(join(dir, "others/file"), join(outputDir, fileName));
  for (const path of await writeManifests(system, { prepared, outputDir }))
    expect((await lstat(path)).isFile()).toBe(true);
  await expectUntouched();
});

test("a control socket replaces a link, and a link in the place of its directory is refused", async () => {
  const uid = process.getuid?.() ?? 0;
  const serving = createFakeSystem({ net: createNet(), host: { uid } });
  const handlers = { info: () => ({ kind: "RunnerInfo" }) } as unknown as ControlHandlers;
  const socketPath = join(root, "run/slipway/control.sock");
  await mkdir(dirname(socketPath), { recursive: true });
  await symlink(join(dir, "others/file"), socketPath);
  const server = await serveControl(serving, { socketPath, handlers });
  expect((await lstat(socketPath)).isSocket()).toBe(true);
  await server.close();
  await rm(dirname(socketPath), { recursive: true });
  await symlink(join(dir, "others"), dirname(socketPath));
  await expect(serveControl(serving, { socketPath, handlers })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    why: "it is not a directory of this user",
  });
  await expectUntouched();
});

test("a user's link leads a kubeconfig of root's to no directory but the user's own", async () => {
  const step = plan.steps.find(({ kind }) => kind === "copy-kubeconfig");
  if (step?.kind !== "copy-kubeconfig") throw new Error("no such step");
  const context = sampleApplyContext(root);
  const home = dirname(dirname(step.path));
  await mkdir(home, { recursive: true });
  await symlink(join(dir, "others"), join(home, ".kube"));
  const handler = handlerOf(step);
  expect(await handler.observe(system, { step, context })).toEqual({ kind: "absent" });
  const stranger = { ...step, uid: step.uid + 1 };
  await expect(handler.observe(system, { step: stranger, context })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    why: `${join(home, ".kube")} is a symbolic link to what is not the user's own directory`,
  });
});
