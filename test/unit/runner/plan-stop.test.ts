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
  expect(planStop(pods).map((stage) => stage.pods.map(({ name }) => name))).toEqual([
    ["plain", "other"],
    ["important"],
    ["kube-scheduler", "agent"],
    ["kube-apiserver"],
    ["etcd"],
  ]);
});

const PERIODS = [
  { priority: 0, graceSeconds: 20 },
  { priority: 1000, graceSeconds: 5 },
  { priority: 2_000_000_000, graceSeconds: 10 },
];

test("with periods all pods of one are stopped together, and etcd and the API server at its end", () => {
  const pods = [
    build("etcd", { component: "etcd", priority: 2_000_001_000 }),
    build("kube-apiserver", { component: "kube-apiserver", priority: 2_000_001_000 }),
    build("agent", { priority: 2_000_000_000 }),
    build("between", { priority: 1_999_999_999 }),
    build("boundary", { priority: 1000 }),
    build("below", { priority: -5 }),
    build("plain", {}),
  ];
  const shown = planStop(pods, PERIODS).map((stage) => [
    stage.period?.graceSeconds,
    ...stage.pods.map(({ name }) => name),
  ]);
  expect(shown).toEqual([
    [20, "below", "plain"],
    [5, "between", "boundary"],
    [10, "agent"],
    [10, "kube-apiserver"],
    [10, "etcd"],
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
      for (const periods of [[], PERIODS]) {
        const planned = planStop(pods, periods).flatMap((stage) => stage.pods);
        expect(new Set(planned)).toEqual(new Set(pods));
        expect(planned).toHaveLength(pods.length);
      }
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
