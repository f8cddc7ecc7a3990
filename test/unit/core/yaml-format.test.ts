import fc from "fast-check";
import { expect, test } from "vitest";
import { formatYaml, parseYamlDocuments } from "../../../src/core/yaml.ts";

/** Each as `sigs.k8s.io/yaml` 1.6.0 writes it. */
test.each([
  ["true", '"true"'],
  ["8", '"8"'],
  ["1_000", '"1_000"'],
  ["0x1f", '"0x1f"'],
  ["1:30", '"1:30"'],
  ["2026-01-01", '"2026-01-01"'],
  ["", '""'],
  ["~", '"~"'],
  ["a\tb", '"a\\tb"'],
  ["*.example.com", "'*.example.com'"],
  ["- a", "'- a'"],
  ["a: b", "'a: b'"],
  ["a #b", "'a #b'"],
  ["'a'", "'''a'''"],
  [" a", "' a'"],
  ["a:b", "a:b"],
  ["--a=*,b", "--a=*,b"],
  ["it's", "it's"],
  ["a\nb\n", "|\n  a\n  b"],
])("%j is written as Kubernetes' tools write it", (text, written) => {
  expect(formatYaml({ key: text })).toBe(`key: ${written}\n`);
});

test("keys are sorted at every level and lists are not indented", () => {
  expect(formatYaml({ b: [{ d: 1, c: null }], a: {} })).toBe("a: {}\nb:\n- c: null\n  d: 1\n");
});

test("what is written is read back", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string());
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))), (value) => {
      expect(parseYamlDocuments(formatYaml(value))[0]?.value).toEqual({ ...value });
    }),
  );
});
