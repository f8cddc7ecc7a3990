import fc from "fast-check";
import { expect, test } from "vitest";
import { dependsOn, planStop } from "../../../src/runner/plan-stop.ts";
import { buildPod } from "../../support/build-pod.ts";

test("pods stop by priority, the API server after those that talk to it, and etcd last", () => {
  const pods = [
    build("etcd", { component: "etcd", priority: 2_000_001_000 }),
    build("kube-apiserver", { component: "kube-apiserver", priority: 2_000_001_000 }),
    build("kube-scheduler", { component: "kube-scheduler", priority: 2_000_001_000 }),
    build("agent", { priority: 2_000_001_000 }),
    build("plain", {}),
    build("other", {}),
    build("important", { priority: 1000 }),
  ];
  expect(planStop(pods).map((group) => group.map(({ name }) => name))).toEqual([
    ["plain", "other"],
    ["important"],
    ["kube-scheduler", "agent"],
    ["kube-apiserver"],
    ["etcd"],
  ]);
});

test("every pod is in exactly one group", () => {
  const arbitrary = fc.record(
    { component: fc.constantFrom("etcd", "kube-apiserver", "x"), priority: fc.integer({ min: -2, max: 2 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(arbitrary, { maxLength: 12 }), (changes) => {
      const pods = changes.map((change, index) => build(`p${index}`, change));
      expect(new Set(planStop(pods).flat())).toEqual(new Set(pods));
      expect(planStop(pods).flat()).toHaveLength(pods.length);
    }),
    { numRuns: 50 },
  );
});

test("only a control plane's own pods depend on another", () => {
  const [etcd, server] = [
    build("a", { component: "etcd" }).pod,
    build("b", { component: "kube-apiserver" }).pod,
  ];
  const [scheduler, other] = [build("c", { component: "kube-scheduler" }).pod, build("d", {}).pod];
  expect([dependsOn(server, etcd), dependsOn(scheduler, server), dependsOn(etcd, server)]).toEqual([
    true,
    true,
    false,
  ]);
  expect([dependsOn(other, server), dependsOn(scheduler, other), dependsOn(server, server)]).toEqual([
    false,
    false,
    false,
  ]);
});

function build(name: string, change: { readonly component?: string; readonly priority?: number }) {
  const { component, priority } = change;
  const labels = component === undefined ? {} : { tier: "control-plane", component };
  return { name, pod: buildPod({ name, labels, spec: priority === undefined ? {} : { priority } }) };
}
