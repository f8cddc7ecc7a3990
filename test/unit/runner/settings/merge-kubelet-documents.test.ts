import fc from "fast-check";
import { expect, test } from "vitest";
import { formatYaml } from "../../../../src/core/yaml.ts";
import { mergeKubeletDocuments } from "../../../../src/runner/settings/merge-kubelet-documents.ts";

const HEAD = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };

const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.array(fc.integer(), { maxLength: 3 }));
const key = fc.constantFrom("a", "b", "c");
const group = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf)));

test("the same drop-in twice is the same as once, and one alone is what it says", () => {
  const property = fc.property(group, group, (base, patch) => {
    const once = merge([base, patch]);
    expect(merge([base, patch, patch])).toEqual(once);
    expect(merge([{}, patch])).toEqual({ ...HEAD, ...patch });
    for (const [name, value] of Object.entries(patch)) {
      if (typeof value !== "object" || Array.isArray(value)) expect(once[name]).toEqual(value);
    }
  });
  fc.assert(property);
});

test("any text gives a value, or errors that name the file", () => {
  const property = fc.property(
    fc.oneof(fc.string({ unit: "binary" }), fc.json()),
    fc.boolean(),
    (text, isDropIn) => {
      const { errors } = mergeKubeletDocuments([{ path: "/k.yaml", text, isDropIn }]);
      expect(errors.every((line) => line.startsWith("/k.yaml"))).toBe(true);
    },
  );
  fc.assert(property);
});

function merge(values: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>> {
  const files = values.map((value, index) => ({
    path: `/d/${index}.conf`,
    text: formatYaml({ ...HEAD, ...value }),
    isDropIn: true,
  }));
  const { value, errors } = mergeKubeletDocuments(files);
  expect(errors).toEqual([]);
  return value;
}
