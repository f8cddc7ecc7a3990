import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyPlan } from "../../../src/apply/apply-plan.ts";
import { observePlan } from "../../../src/apply/observe-plan.ts";
import { buildPlan } from "../../../src/plan/build-plan.ts";
import { sampleApplyContext } from "../../support/apply-context.ts";
import { buildComponentReport } from "../../support/build-report.ts";
import { buildRunnerInfo, createRunnerNet } from "../../support/fake-runner.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";
import { rootedPlanInput } from "../../support/plan-input.ts";
import { createTempTree } from "../../support/temp-tree.ts";

test("an empty machine lacks everything, and a look changes nothing", async () => {
  const root = createTempTree({});
  const plan = buildPlan(await rootedPlanInput(root, { runtime: "external" }));
  const differences = await observePlan(createFakeSystem(), { plan, context: sampleApplyContext(root) });
  expect(differences.map(({ step }) => step.id)).toEqual(plan.steps.map(({ id }) => id));
  expect(differences.filter(({ observation }) => observation.kind !== "absent")).toEqual([]);
  expect(readdirSync(root)).toEqual([]);
});

test("after apply nothing is missing, and one file that is changed is the one difference", async () => {
  const root = createTempTree({});
  const system = createFakeSystem();
  const context = sampleApplyContext(root);
  const plan = buildPlan(await rootedPlanInput(root, { runtime: "external" }));
  await applyPlan(system, { plan, context, onEvent: () => undefined });
  expect(await observePlan(system, { plan, context })).toEqual([]);
  writeFileSync(join(root, "etc/kubernetes/manifests/etcd.yaml"), "kind: Other\n");
  expect(await observePlan(system, { plan, context })).toMatchObject([
    { step: { id: "manifest/etcd" }, observation: { kind: "differs" } },
  ]);
});

test("a runner that does not run is missing on the host runtime", async () => {
  const root = createTempTree({});
  const plan = buildPlan(await rootedPlanInput(root));
  const differences = await observePlan(createFakeSystem(), { plan, context: sampleApplyContext(root) });
  expect(differences.map(({ step }) => step.id)).toContain("runner");
  expect(differences.map(({ step }) => step.kind)).not.toContain("wait-component");
});

test("a component that loads what is going to change is restarted, and no other", async () => {
  const root = createTempTree({});
  const report = (component: string) => buildComponentReport(component, { status: RUNNING_SINCE_2999 });
  const runner = createRunnerNet({
    info: buildRunnerInfo(root),
    pods: () => [report("etcd"), report("kube-apiserver"), report("kube-scheduler")],
  });
  const system = createFakeSystem({ net: runner });
  const context = sampleApplyContext(root);
  const input = await rootedPlanInput(root);
  const steps = buildPlan({ ...input, runtime: "external" });
  await applyPlan(system, { plan: steps, context, onEvent: () => undefined });
  rmSync(join(root, "etc/kubernetes/pki/sa.key"));
  rmSync(join(root, "etc/kubernetes/pki/sa.pub"));
  const differences = await observePlan(system, { plan: buildPlan(input), context });
  const restarted = differences.filter(({ step }) => step.kind === "wait-component");
  expect(restarted).toMatchObject([
    {
      step: { id: "answers/kube-apiserver" },
      observation: {
        what: `kube-apiserver is restarted: it runs with an older ${root}/etc/kubernetes/pki/sa.key`,
      },
    },
  ]);
});

const RUNNING_SINCE_2999 = { state: { running: { startedAt: "2999-01-01T00:00:00Z" } } };

test("a component that started before its files were written is restarted", async () => {
  const root = createTempTree({});
  const status = { state: { running: { startedAt: "2001-01-01T00:00:00Z" } } };
  const runner = createRunnerNet({
    info: buildRunnerInfo(root),
    pods: () => [buildComponentReport("kube-scheduler", { status })],
  });
  const system = createFakeSystem({ net: runner });
  const context = sampleApplyContext(root);
  const input = await rootedPlanInput(root);
  const steps = buildPlan({ ...input, runtime: "external" });
  await applyPlan(system, { plan: steps, context, onEvent: () => undefined });
  const differences = await observePlan(system, { plan: buildPlan(input), context });
  expect(differences.at(-1)?.observation).toMatchObject({
    what: expect.stringMatching(/^kube-scheduler is restarted: .*scheduler\.conf$/),
  });
});

test("a file that may not be read is told as such", async () => {
  const root = createTempTree({});
  const system = createFakeSystem({ fs: { readTextIfExists: () => Promise.reject(systemError("EACCES")) } });
  const plan = buildPlan(await rootedPlanInput(root, { runtime: "external" }));
  await expect(observePlan(system, { plan, context: sampleApplyContext(root) })).rejects.toMatchObject({
    code: "SLIPWAY_FILE_ACCESS",
    what: expect.stringMatching(/^cannot look at \//),
    why: "permission denied",
  });
});
