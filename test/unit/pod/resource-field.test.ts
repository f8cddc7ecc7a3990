import { expect, test } from "vitest";
import { selectResourceField } from "../../../src/pod/resource-field.ts";
import { selectMetadataField } from "../../../src/pod/select-field.ts";
import { buildPod } from "../../support/build-pod.ts";

const NODE = { cpus: 4, memoryBytes: 8 * 1024 ** 3 };
const POD = buildPod({
  labels: { b: "2", a: "1" },
  container: { resources: { limits: { memory: "100Mi" }, requests: { cpu: "70m", memory: "1" } } },
});

test.each([
  ["limits.memory", undefined, "104857600"],
  ["limits.memory", "1Mi", "100"],
  ["limits.memory", "30Mi", "4"],
  ["requests.cpu", undefined, "1"],
  ["requests.cpu", "1m", "70"],
  ["limits.cpu", "1", "4"],
  ["requests.ephemeral-storage", "1", "0"],
])(
  "%s in units of %s is %s: rounded up, and the node's where no limit is set",
  (resource, divisor, expected) => {
    const selector = { resource, ...(divisor === undefined ? {} : { divisor }) };
    expect(selectResourceField(selector, { pod: POD, containerName: "web", node: NODE })).toBe(expected);
  },
);

test("another container can be named; one that is not there gives nothing, nor does an unknown resource", () => {
  const select = (selector: { readonly containerName?: string; readonly resource: string }) =>
    selectResourceField(selector, { pod: POD, containerName: "", node: NODE });
  expect(select({ containerName: "web", resource: "requests.memory" })).toBe("1");
  expect(select({ containerName: "none", resource: "requests.memory" })).toBeUndefined();
  expect(select({ containerName: "web", resource: "requests.gpu" })).toBeUndefined();
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
