import { expect, test } from "vitest";
import { computeOomScoreAdjust } from "../../../../src/runner/container/oom-score.ts";
import { buildPod } from "../../../support/build-pod.ts";

const MEMORY_BYTES = 1000 * 1024 * 1024;
const asking = (memory: string) => ({ resources: { requests: { memory } } });

function score(spec: Readonly<Record<string, unknown>>, name = "web"): number {
  const pod = buildPod({ spec });
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const container = all.find((candidate) => candidate.name === name);
  if (container === undefined) throw new Error("no container");
  return computeOomScoreAdjust({ pod, container, memoryBytes: MEMORY_BYTES });
}

function containers(...resources: readonly object[]): readonly object[] {
  return resources.map((own, index) => ({
    name: index === 0 ? "web" : `web-${index}`,
    image: "i:1",
    ...own,
  }));
}

test.each([
  ["BestEffort", {}, 1000],
  ["Burstable", asking("100Mi"), 900],
  ["Burstable that asks for next to nothing", asking("1"), 999],
  ["Burstable that asks for everything", asking("1000Mi"), 3],
  ["Guaranteed", { resources: { limits: { cpu: "1", memory: "1Mi" } } }, -997],
])("a container of a %s pod", (_title, own, expected) => {
  expect(score({ containers: containers(own) })).toBe(expected);
});

test("a node-critical pod is the last to go, whatever it asks for", () => {
  expect(
    score({ containers: containers({}), priorityClassName: "system-node-critical", priority: 2000001000 }),
  ).toBe(-997);
});

test("a sidecar goes no sooner than the regular container that asks for the least", () => {
  const initContainers = [{ name: "side", image: "s:1", restartPolicy: "Always", ...asking("10Mi") }];
  const spec = { initContainers, containers: containers(asking("300Mi"), asking("200Mi")) };
  expect(score(spec, "side")).toBe(800);
});

test("what a pod asks for beyond its containers is shared among them", () => {
  const spec = { containers: containers(asking("100Mi"), asking("100Mi")), ...asking("400Mi") };
  expect(score(spec)).toBe(800);
});
