import { expect, test } from "vitest";
import { buildResources } from "../../../../src/runner/isolation/build-resources.ts";
import { buildPod } from "../../../support/build-pod.ts";

function limits(resources: object, others: readonly object[] = [], spec: object = {}) {
  const containers = [
    { name: "web", image: "web:1", resources },
    ...others.map((other, index) => ({ name: `other-${index}`, image: "o:1", resources: other })),
  ];
  const pod = buildPod({ spec: { containers, ...spec } });
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error("no container");
  return buildResources({ pod, container, podPidsLimit: -1 });
}

test("nothing asked for is the least weight", () => {
  expect(limits({})).toEqual({ container: { cpuShares: 2 }, pod: { cpuShares: 2 } });
});

test("a container's request is its weight and its limits are its bounds", () => {
  expect(limits({ requests: { cpu: "250m" }, limits: { cpu: "1", memory: "64Mi" } }).container).toEqual({
    cpuShares: 256,
    cpuQuotaUs: 100_000,
    memoryBytes: 67_108_864,
  });
});

test("a limit alone is the request, too; a tiny one is at least a millisecond", () => {
  expect(limits({ limits: { cpu: "5m" } }).container).toEqual({ cpuShares: 5, cpuQuotaUs: 1_000 });
});

test("a pod is bounded when all of its containers are", () => {
  const one = { limits: { cpu: "1", memory: "1Mi" } };
  expect(limits(one, [one]).pod).toEqual({ cpuShares: 2048, cpuQuotaUs: 200_000, memoryBytes: 2_097_152 });
  expect(limits(one, [{ requests: { cpu: "1" } }]).pod).toEqual({ cpuShares: 2048 });
});

test("a pod's own resources win over its containers'", () => {
  const spec = { resources: { limits: { memory: "10Mi" }, requests: { cpu: "500m" } } };
  expect(limits({ requests: { cpu: "1" } }, [], spec).pod).toEqual({
    cpuShares: 512,
    memoryBytes: 10_485_760,
  });
});

test("an init container counts when it needs more than all that run after it", () => {
  const spec = { initContainers: [{ name: "init", image: "i:1", resources: { requests: { cpu: "2" } } }] };
  expect(limits({ requests: { cpu: "1" } }, [], spec).pod).toEqual({ cpuShares: 2048 });
});
