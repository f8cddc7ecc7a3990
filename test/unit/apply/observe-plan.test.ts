import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyPlan } from "../../../src/apply/apply-plan.ts";
import { observePlan } from "../../../src/apply/observe-plan.ts";
import { buildPlan } from "../../../src/plan/build-plan.ts";
import { sampleApplyContext } from "../../support/apply-context.ts";
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
