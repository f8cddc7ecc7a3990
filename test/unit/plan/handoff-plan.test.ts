import { expect, test } from "vitest";
import { healthUrls } from "../../../src/manifests/component-ports.ts";
import { buildHandoffPlan } from "../../../src/plan/handoff-plan.ts";
import { samplePlanInput } from "../../support/plan-input.ts";

async function plan(target: "kubelet" | "runner", isTaken = false) {
  const { config, paths } = await samplePlanInput();
  const command = ["rc-service", "kubelet", target === "kubelet" ? "start" : "stop"];
  return buildHandoffPlan({ target, config, paths, healthUrls: healthUrls(config), command, isTaken });
}

test("the runner's pods end before the kubelet starts, and that is noted between", async () => {
  const { steps } = await plan("kubelet");
  expect(steps.map(({ id }) => id)).toEqual([
    "stop-runner",
    "restore-manifests",
    "record",
    "kubelet",
    "wait/etcd",
    "wait/kube-apiserver",
    "wait/kube-controller-manager",
    "wait/kube-scheduler",
    "mark-node",
  ]);
});

test("the kubelet ends its pods, etcd's last, and itself before the runner sees a manifest", async () => {
  const { steps } = await plan("runner");
  expect(steps.map(({ id }) => id)).toEqual([
    "keep-manifests",
    "remove/kube-scheduler",
    "remove/kube-controller-manager",
    "remove/kube-apiserver",
    "remove/etcd",
    "kubelet",
    "no-kubelet",
    "record",
    "restore-manifests",
    "runner",
    "wait/etcd",
    "wait/kube-apiserver",
    "wait/kube-controller-manager",
    "wait/kube-scheduler",
    "wait/ready",
    "mark-node",
  ]);
});

test.each(["kubelet", "runner"] as const)("to the %s one step follows the other", async (target) => {
  const { steps, phases } = await plan(target);
  for (const [index, { needs }] of steps.entries())
    expect(needs).toEqual(index === 0 ? [] : [steps[index - 1]?.id]);
  expect([...new Set(steps.map(({ phase }) => phase))]).toEqual(phases.map(({ name }) => name));
});

test.each(["kubelet", "runner"] as const)(
  "when the %s has the pods, it is only waited for",
  async (target) => {
    const { steps } = await plan(target, true);
    const ids = steps.map(({ id }) => id);
    expect(ids.at(-1)).toBe("mark-node");
    expect(ids.slice(0, -1).every((id) => id.startsWith("wait/"))).toBe(true);
  },
);
