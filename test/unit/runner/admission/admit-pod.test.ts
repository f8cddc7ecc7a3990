import fc from "fast-check";
import { expect, test } from "vitest";
import { admitPod, type NodeFacts } from "../../../../src/runner/admission/admit-pod.ts";
import { buildPod } from "../../../support/build-pod.ts";

const NODE: NodeFacts = {
  labels: { "kubernetes.io/os": "linux", zone: "a", size: "5" },
  allocatable: { cpu: 2000, memory: 1000, "ephemeral-storage": 1000, "hugepages-2Mi": 6 * 2 ** 20 },
  maxPods: 3,
};

test("a pod that asks for nothing may run", () => {
  expect(admit({})).toBeUndefined();
});

test.each([
  ["the os label", { labels: { "kubernetes.io/os": "windows" } }, "PodOSSelectorNodeLabelDoesNotMatch"],
  ["the os field", { spec: { os: { name: "windows" } } }, "PodOSNotSupported"],
  ["a selector", { spec: { nodeSelector: { zone: "b" } } }, "NodeAffinity"],
  ["cpu", { container: { resources: { requests: { cpu: "2001m" } } } }, "OutOfcpu"],
  ["memory", { container: { resources: { limits: { memory: "1001" } } } }, "OutOfmemory"],
  [
    "disk",
    { container: { resources: { requests: { "ephemeral-storage": "1Ki" } } } },
    "OutOfephemeral-storage",
  ],
  [
    "huge pages",
    { container: { resources: { limits: { "hugepages-2Mi": "8Mi", cpu: "1" } } } },
    "OutOfhugepages-2Mi",
  ],
  [
    "huge pages of a size that the kernel has not",
    { container: { resources: { limits: { "hugepages-1Gi": "1Gi", cpu: "1" } } } },
    "OutOfhugepages-1Gi",
  ],
])("a pod is refused for %s", (_, change, reason) => {
  expect(admit(change)?.reason).toBe(reason);
});

test("linux by label and field, and what just fits, may run", () => {
  const resources = {
    requests: { cpu: "2", memory: "1000", "example.com/gpu": "4" },
    limits: { "example.com/gpu": "4" },
  };
  const labels = { "kubernetes.io/os": "linux" };
  const spec = { os: { name: "linux" }, nodeSelector: { zone: "a" } };
  expect(admit({ labels, spec, container: { resources } })).toBeUndefined();
});

test("a shortage tells how much, in the kubelet's words", () => {
  const half = buildPod({ name: "other", container: { resources: { requests: { cpu: "1500m" } } } });
  const pod = { container: { resources: { requests: { cpu: "0.501" } } } };
  expect(admit(pod, [half])).toEqual({
    reason: "OutOfcpu",
    message: "Node didn't have enough resource: cpu, requested: 501, used: 1500, capacity: 2000",
  });
});

test("huge pages that other pods have are not free", () => {
  const container = { resources: { limits: { "hugepages-2Mi": "4Mi", cpu: "100m" } } };
  expect(admit({ container })).toBeUndefined();
  expect(admit({ container }, [buildPod({ name: "other", container })])?.message).toBe(
    "Node didn't have enough resource: hugepages-2Mi, requested: 4194304, used: 4194304, capacity: 6291456",
  );
});

test("what the pod as a whole asks for counts in place of its containers' requests", () => {
  const cpu = (text: string) => ({ resources: { requests: { cpu: text } } });
  const whole = (resources: object, container = {}) => admit({ spec: { resources }, container })?.reason;
  expect(whole({ requests: { cpu: "2001m" } }, cpu("1"))).toBe("OutOfcpu");
  expect(whole({ requests: { cpu: "2" } }, cpu("1"))).toBeUndefined();
  expect(whole({ limits: { cpu: "3" } }, cpu("1"))).toBeUndefined();
  expect(whole({ limits: { cpu: "3" } })).toBe("OutOfcpu");
  expect(whole({ limits: { cpu: "1", "hugepages-2Mi": "8Mi" } })).toBe("OutOfhugepages-2Mi");
});

test("too many pods are refused before anything else", () => {
  const others = ["a", "b", "c"].map((name) => buildPod({ name }));
  expect(admit({ spec: { nodeSelector: { zone: "b" } } }, others)).toEqual({
    reason: "OutOfpods",
    message: "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
  });
});

test("sidecars count beside the regular containers, a plain init container only by itself", () => {
  const asks = (cpu: string) => ({ resources: { requests: { cpu } } });
  const side = { name: "side", image: "i", restartPolicy: "Always", ...asks("600m") };
  const plain = (cpu: string) => ({ name: "plain", image: "i", ...asks(cpu) });
  const sized = (web: string, init: string) =>
    admit({ container: asks(web), spec: { initContainers: [side, plain(init)] } })?.reason;
  expect(sized("1400m", "1400m")).toBeUndefined();
  expect(sized("1401m", "100m")).toBe("OutOfcpu");
  expect(sized("100m", "1401m")).toBe("OutOfcpu");
});

test.each([
  ["In", ["a", "b"], true],
  ["In", ["b"], false],
  ["NotIn", ["b"], true],
  ["NotIn", ["a"], false],
  ["Exists", [], true],
  ["DoesNotExist", [], false],
  ["Near", ["a"], false],
])("required affinity: zone %s %j is %s", (operator, values, fits) => {
  expect(
    admit({ spec: affinity({ matchExpressions: [{ key: "zone", operator, values }] }) }) === undefined,
  ).toBe(fits);
});

test("required affinity does not take a name that every object has for a label", () => {
  const expression = { key: "constructor", operator: "DoesNotExist" };
  expect(admit({ spec: affinity({ matchExpressions: [expression] }) })).toBeUndefined();
});

test("required affinity compares numbers, looks at the node's name, and needs one term", () => {
  const gt = { matchExpressions: [{ key: "size", operator: "Gt", values: ["4"] }] };
  const lt = { matchExpressions: [{ key: "size", operator: "Lt", values: ["5"] }] };
  const name = { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-1"] }] };
  const fits = (...terms: readonly unknown[]) => admit({ spec: affinity(...terms) }) === undefined;
  expect([fits(gt), fits(lt), fits(lt, gt), fits(name), fits({}), fits()]).toEqual([
    true,
    false,
    true,
    true,
    false,
    false,
  ]);
});

const ports = (...list: readonly Readonly<Record<string, unknown>>[]) => ({ container: { ports: list } });

test.each([
  ["the same port", { containerPort: 80 }, "NodePorts"],
  ["the same port on one address", { containerPort: 80, hostIP: "127.0.0.1" }, "NodePorts"],
  ["another protocol", { containerPort: 80, protocol: "UDP" }, undefined],
  ["another port", { containerPort: 81 }, undefined],
  ["another container port behind the same host port", { containerPort: 81, hostPort: 80 }, "NodePorts"],
])("beside a pod on port 80, %s: %s", (_, port, reason) => {
  expect(admit(ports(port), [buildPod({ name: "other", ...ports({ containerPort: 80 }) })])?.reason).toBe(
    reason,
  );
});

test("two addresses of one port do not clash", () => {
  const other = buildPod({ name: "other", ...ports({ containerPort: 80, hostIP: "127.0.0.1" }) });
  expect(admit(ports({ containerPort: 80, hostIP: "127.0.0.2" }), [other])).toBeUndefined();
});

test("pods that are let in one after another never ask for more than there is", () => {
  const arbitrary = fc.array(
    fc.record({ cpu: fc.integer({ min: 0, max: 1500 }), port: fc.integer({ min: 1, max: 4 }) }),
  );
  fc.assert(
    fc.property(arbitrary, (wishes) => {
      const admitted: {
        readonly cpu: number;
        readonly port: number;
        readonly pod: ReturnType<typeof buildPod>;
      }[] = [];
      for (const [index, wish] of wishes.entries()) {
        const resources = { requests: { cpu: `${wish.cpu}m` } };
        const pod = buildPod({
          name: `p${index}`,
          container: { resources, ports: [{ containerPort: wish.port }] },
        });
        const others = admitted.map((entry) => entry.pod);
        if (admitPod({ pod, others, node: NODE, nodeName: "node-1" }) === undefined)
          admitted.push({ ...wish, pod });
      }
      expect(admitted.reduce((sum, { cpu }) => sum + cpu, 0)).toBeLessThanOrEqual(2000);
      expect(new Set(admitted.map(({ port }) => port)).size).toBe(admitted.length);
      expect(admitted.length).toBeLessThanOrEqual(3);
    }),
    { numRuns: 50 },
  );
});

function affinity(...nodeSelectorTerms: readonly unknown[]) {
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { affinity: { nodeAffinity: required } };
}

function admit(change: Parameters<typeof buildPod>[0], others: readonly ReturnType<typeof buildPod>[] = []) {
  return admitPod({ pod: buildPod(change), others, node: NODE, nodeName: "node-1" });
}
