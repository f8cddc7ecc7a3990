import { expect, test } from "vitest";
import { selectFileResource, selectVariableResource } from "../../../src/pod/resource-field.ts";
import { selectMetadataField } from "../../../src/pod/select-field.ts";
import { buildPod } from "../../support/build-pod.ts";

const ALLOCATABLE = {
  cpu: 4000,
  memory: 8 * 1024 ** 3,
  "ephemeral-storage": 90_000,
  "hugepages-2Mi": 2 ** 21,
};
const POD = buildPod({
  labels: { b: "2", a: "1" },
  container: {
    resources: {
      limits: { memory: "100Mi", "ephemeral-storage": "0" },
      requests: { cpu: "70m", memory: "1" },
    },
  },
  spec: { initContainers: [{ name: "first", image: "first" }] },
});

function selectOwn(resource: string, divisor: string | undefined, pod = POD): string | undefined {
  const [container] = pod.spec.containers;
  if (container === undefined) throw new Error("no container");
  const selector = { resource, ...(divisor === undefined ? {} : { divisor }) };
  return selectVariableResource(selector, { pod, container, allocatable: ALLOCATABLE });
}

test.each([
  ["limits.memory", undefined, "104857600"],
  ["limits.memory", "1Mi", "100"],
  ["limits.hugepages-2Mi", undefined, "0"],
  ["limits.memory", "30Mi", "4"],
  ["requests.cpu", undefined, "1"],
  ["requests.cpu", "1m", "70"],
  ["limits.cpu", "1", "4"],
  ["limits.cpu", "3m", "1334"],
  ["limits.ephemeral-storage", "1k", "90"],
  ["requests.ephemeral-storage", "1", "0"],
  ["limits.hugepages-2Mi", "1", "0"],
])(
  "%s in units of %s is %s: rounded up, and what the node lets pods have where no limit is set",
  (resource, divisor, expected) => expect(selectOwn(resource, divisor)).toBe(expected),
);

test("a variable tells the pod's limit where its container has none, and so does no file", () => {
  const spec = { ...POD.spec, resources: { limits: { cpu: "1500m", memory: "0" } } };
  const pod = { ...POD, spec: { ...spec, containers: [{ name: "web", image: "web" }] } };
  expect(selectOwn("limits.cpu", "1m", pod)).toBe("1500");
  expect(selectOwn("limits.memory", "1Gi", pod)).toBe("8");
  const file = { containerName: "web", resource: "limits.cpu", divisor: "1m" };
  expect(selectFileResource(file, { pod, allocatable: ALLOCATABLE })).toBe("4000");
});

test("another container can be named; one that is not there gives nothing, nor does an unknown resource", () => {
  const select = (selector: { readonly containerName: string; readonly resource: string }) => {
    const [container] = POD.spec.initContainers ?? [];
    if (container === undefined) throw new Error("no container");
    const options = { pod: POD, allocatable: ALLOCATABLE };
    return [
      selectVariableResource(selector, { ...options, container }),
      selectFileResource(selector, options),
    ];
  };
  expect(select({ containerName: "web", resource: "requests.memory" })).toEqual(["1", "1"]);
  expect(select({ containerName: "none", resource: "requests.memory" })).toEqual([undefined, undefined]);
  expect(select({ containerName: "web", resource: "requests.gpu" })).toEqual([undefined, undefined]);
  // One that is named has no defaults in a variable; it has in a file, and when it is the variable's own.
  expect(select({ containerName: "first", resource: "limits.cpu" })).toEqual(["0", "4"]);
  expect(select({ containerName: "", resource: "limits.cpu" })).toEqual(["4", undefined]);
});

test("metadata is told by field, by key and as a whole map, sorted and quoted", () => {
  expect(selectMetadataField(POD, "metadata.name")).toBe("web-node-1");
  expect(selectMetadataField(POD, "metadata.labels['a']")).toBe("1");
  expect(selectMetadataField(POD, "metadata.labels['none']")).toBe("");
  expect(selectMetadataField(POD, "metadata.labels['constructor']")).toBe("");
  expect(selectMetadataField(POD, "metadata.labels")).toBe('a="1"\nb="2"');
  expect(selectMetadataField(POD, "status.podIP")).toBeUndefined();
});

test("control characters are written as Go writes them", () => {
  const pod = { ...POD, metadata: { ...POD.metadata, annotations: { k: '\u0007\u000b\u0001\u007f\t"' } } };
  expect(selectMetadataField(pod, "metadata.annotations")).toBe('k="\\a\\v\\x01\\x7f\\t\\""');
});
