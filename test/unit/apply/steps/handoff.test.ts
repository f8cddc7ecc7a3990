import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { applyPlan } from "../../../../src/apply/apply-plan.ts";
import type { ApplyContext } from "../../../../src/apply/step-handler.ts";
import type { Step } from "../../../../src/plan/types.ts";
import { sampleApplyContext } from "../../../support/apply-context.ts";
import { openQuietSystem } from "../../../support/kubeadm/find-kubeadm.ts";
import { createTempTree } from "../../../support/temp-tree.ts";

const BASE = { id: "it", phase: "p", title: "t", needs: [] };

function run(step: Step, context: Partial<ApplyContext> = {}): Promise<void> {
  return applyPlan(openQuietSystem(), {
    plan: {
      kubernetesVersion: "v1.37.2",
      phases: [{ name: "p", short: "P" }],
      steps: [step],
      trees: [],
      sharedTrees: [],
    },
    context: sampleApplyContext("/", context),
    onEvent: () => undefined,
  });
}

test("a command that fails is told with what it said", async () => {
  const failed = run({ ...BASE, kind: "run-command", command: ["sh", "-c", "echo no unit >&2; exit 5"] });
  await expect(failed).rejects.toMatchObject({
    code: "SLIPWAY_KUBELET_SERVICE",
    why: "exit code 5",
    details: ["no unit"],
  });
});

function keepStep(root: string) {
  return { ...BASE, kind: "keep-manifests", fromDir: join(root, "m"), toDir: join(root, "kept") } as const;
}

/** A process that runs for as long as the test, and a manifest that says so. */
function startSleep(seconds: string) {
  const words = ["sleep", seconds];
  const child = spawn("sleep", words.slice(1));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, manifest: JSON.stringify({ spec: { containers: [{ command: words }] } }) };
}

test("manifests are kept, those too that are gone since, and dot files are nobody's", async () => {
  const root = createTempTree({
    "m/etcd.yaml": "e",
    "m/kube-apiserver.yaml": "a",
    "m/.etcd.yaml.tmp": "half",
  });
  await run(keepStep(root));
  rmSync(join(root, "m/etcd.yaml"));
  await run(keepStep(root));
  expect(readdirSync(join(root, "kept"))).toEqual(["etcd.yaml", "kube-apiserver.yaml"]);
});

test("a manifest that was edited since it was kept is kept anew, when what it was has ended", async () => {
  const { child, manifest } = startSleep(`98${process.pid}`);
  const root = createTempTree({ "m/etcd.yaml": manifest });
  await run(keepStep(root));
  const edited = startSleep(`97${process.pid}`);
  writeFileSync(join(root, "m/etcd.yaml"), edited.manifest);
  const kept = (): string => readFileSync(join(root, "kept/etcd.yaml"), "utf8");
  let done = Promise.resolve();
  const detail = await new Promise<string>((tell) => {
    done = run(keepStep(root), { onWait: (_step, waitsFor) => tell(waitsFor) });
  });
  expect(detail).toBe(`the kubelet stops etcd (pid ${child.pid})`);
  expect(kept()).toBe(manifest);
  child.kill("SIGKILL");
  await done;
  expect(kept()).toBe(edited.manifest);
});

test("an edit that leaves the command as it is need not be waited for", async () => {
  const { manifest } = startSleep(`96${process.pid}`);
  const root = createTempTree({ "m/etcd.yaml": manifest });
  await run(keepStep(root));
  writeFileSync(join(root, "m/etcd.yaml"), `${manifest}\n`);
  await run(keepStep(root));
  expect(readFileSync(join(root, "kept/etcd.yaml"), "utf8")).toBe(`${manifest}\n`);
});

test("what is missing is put back, what is there stays, and no copy is left", async () => {
  const root = createTempTree({ "kept/a.yaml": "a", "kept/b.yaml": "old b", "m/b.yaml": "new b" });
  const step = {
    ...BASE,
    kind: "restore-manifests",
    fromDir: join(root, "kept"),
    toDir: join(root, "m"),
  } as const;
  await run(step);
  await run(step);
  expect(readFileSync(join(root, "m/a.yaml"), "utf8")).toBe("a");
  expect(readFileSync(join(root, "m/b.yaml"), "utf8")).toBe("new b");
  expect(existsSync(join(root, "kept"))).toBe(false);
});

test("a manifest is removed, and what it says has ended when the step has", async () => {
  const root = createTempTree({ "m/a.yaml": "a" });
  const { child, manifest } = startSleep(`99${process.pid}`);
  const copyPath = join(root, "copy.yaml");
  writeFileSync(copyPath, manifest);
  const path = join(root, "m/a.yaml");
  const ended = run({ ...BASE, kind: "remove-manifest", path, copyPath });
  await expect.poll(() => existsSync(path)).toBe(false);
  expect(await Promise.race([ended.then(() => "ended"), Promise.resolve("waits")])).toBe("waits");
  child.kill("SIGKILL");
  await ended;
  rmSync(copyPath);
  await run({ ...BASE, kind: "remove-manifest", path, copyPath });
});
