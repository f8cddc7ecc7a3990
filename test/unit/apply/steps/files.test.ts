import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepOf } from "../../../../src/apply/step-handler.ts";
import { copyKubeconfigHandler } from "../../../../src/apply/steps/copy-kubeconfig.ts";
import { directoryHandler } from "../../../../src/apply/steps/directory.ts";
import { fileHandler } from "../../../../src/apply/steps/file.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const system = createFakeSystem();
const context = sampleApplyContext("/");
const BASE = { id: "x", phase: "p", title: "t", needs: [] } as const;

function fileStep(path: string, content: string): StepOf<"file"> {
  return { ...BASE, kind: "file", path, mode: 0o600, content };
}

function directoryStep(path: string): StepOf<"directory"> {
  return { ...BASE, kind: "directory", path, mode: 0o700 };
}

function copyStep(root: string): StepOf<"copy-kubeconfig"> {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const paths = { from: join(root, "admin.conf"), path: join(root, "home/.kube/config") };
  return { ...BASE, kind: "copy-kubeconfig", ...paths, ...owner };
}

async function describeChange(before: string, after: string): Promise<unknown> {
  const root = createTempTree({ f: before });
  const step = fileStep(join(root, "f"), after);
  const seen = await fileHandler.observe(system, { step, context });
  return seen.kind === "differs" ? seen.what.slice(step.path.length + 1).trimStart() : seen.kind;
}

test("a file is absent, then done", async () => {
  const step = fileStep(join(createTempTree({}), "f"), "x\n");
  expect(await fileHandler.observe(system, { step, context })).toEqual({ kind: "absent" });
  await fileHandler.apply(system, { step, context });
  expect(await fileHandler.observe(system, { step, context })).toEqual({ kind: "done" });
  expect(statSync(step.path).mode & 0o777).toBe(0o600);
});

test("a change is told as what becomes what, by flag or key", async () => {
  expect(await describeChange("a: 1\n  b: 2\nc: 3\n", "a: 1\n  b: 9\nc: 3\n")).toBe("b: 2 -> b: 9");
});

test("an item of a list is told without its own dash", async () => {
  expect(await describeChange("a:\n- --x=1\n", "a:\n- --x=2\n")).toBe("--x=1 -> --x=2");
  expect(await describeChange("a:\n- --x=1\n", "a:\n- --y=2\n")).toBe(
    "--x=1 -> (nothing)\n    (nothing) -> --y=2",
  );
});

test("a long change is cut, with how much there is more", async () => {
  const lines = Array.from({ length: 10 }, (_, n) => `line ${n}\n`).join("");
  const text = String(await describeChange("", lines));
  expect(text.split("\n")).toHaveLength(7);
  expect(text).toMatch(/and \d+ more lines$/);
});

test("lines in another order are a change, too", async () => {
  expect(await describeChange("a\nb\n", "b\na\n")).toBe("order of lines");
});

test("a directory is made with its missing parents, and keeps its mode when it is there", async () => {
  const root = createTempTree({ there: "dir/" });
  const step = directoryStep(join(root, "a/b/c"));
  expect(await directoryHandler.observe(system, { step, context })).toEqual({ kind: "absent" });
  await directoryHandler.apply(system, { step, context });
  expect(await directoryHandler.observe(system, { step, context })).toEqual({ kind: "done" });
  expect(statSync(join(root, "a/b")).mode & 0o777).toBe(0o755);
  expect(statSync(step.path).mode & 0o777).toBe(0o700);
  const there = directoryStep(join(root, "there"));
  const { mode } = statSync(there.path);
  await directoryHandler.apply(system, { step: there, context });
  expect(statSync(there.path).mode).toBe(mode);
});

test("a file in a directory's place is refused with the way out", async () => {
  const step = directoryStep(join(createTempTree({ d: "file" }), "d"));
  await expect(directoryHandler.observe(system, { step, context })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    fix: expect.stringContaining("mv "),
  });
});

test("a link to a directory serves as one", async () => {
  const root = createTempTree({ real: "dir/", link: { link: "real" } });
  const step = directoryStep(join(root, "link"));
  expect(await directoryHandler.observe(system, { step, context })).toEqual({ kind: "done" });
});

test("the administrator's kubeconfig is copied into a home once", async () => {
  const root = createTempTree({ "admin.conf": "kubeconfig", home: "dir/" });
  const step = copyStep(root);
  expect(await copyKubeconfigHandler.observe(system, { step, context })).toEqual({ kind: "absent" });
  await copyKubeconfigHandler.apply(system, { step, context });
  expect(await copyKubeconfigHandler.observe(system, { step, context })).toEqual({ kind: "done" });
  expect(readFileSync(step.path, "utf8")).toBe("kubeconfig");
  expect(statSync(step.path).mode & 0o777).toBe(0o600);
  expect(statSync(join(root, "home/.kube")).mode & 0o777).toBe(0o700);
});

test("a user's own kubeconfig is never overwritten, one that we copied before is", async () => {
  const root = createTempTree({ "admin.conf": "new", "home/.kube/config": "mine" });
  const step = copyStep(root);
  await expect(copyKubeconfigHandler.observe(system, { step, context })).rejects.toMatchObject({
    code: "SLIPWAY_KUBECONFIG_INVALID",
  });
  const own = sampleApplyContext("/", { isOurs: () => true });
  expect(await copyKubeconfigHandler.observe(system, { step, context: own })).toMatchObject({
    kind: "differs",
  });
  writeFileSync(step.path, "new");
  expect(await copyKubeconfigHandler.observe(system, { step, context })).toEqual({ kind: "done" });
});
