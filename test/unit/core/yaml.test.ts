import fc from "fast-check";
import { expect, test } from "vitest";
import { formatYaml, formatYamlStream, parseYamlDocuments } from "../../../src/core/yaml.ts";

test("each document of a stream has its value and where it starts", () => {
  const documents = parseYamlDocuments("a: 1\n---\n# only a comment\n---\n\nb: 2\n");
  expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, null, { b: 2 }]);
  expect(documents.map(({ start }) => start.line)).toEqual([1, 2, 6]);
});

test("JSON is YAML", () => {
  expect(parseYamlDocuments('{"a": [1, "x"]}')[0]?.value).toEqual({ a: [1, "x"] });
});

test("an empty text has no document with a value", () => {
  expect(parseYamlDocuments("").map(({ value }) => value ?? null)).toEqual(
    parseYamlDocuments("").map(() => null),
  );
});

test("a place is that of the key or of the item", () => {
  const [document] = parseYamlDocuments("spec:\n  containers:\n  - name: a\n  - name: b\n    image: x\n");
  expect(document?.locate(["spec", "containers"])).toEqual({ line: 2, column: 3 });
  expect(document?.locate(["spec", "containers", 1])).toEqual({ line: 4, column: 5 });
  expect(document?.locate(["spec", "containers", 1, "image"])).toEqual({ line: 5, column: 5 });
});

test("what is not there is placed at its nearest parent", () => {
  const [document] = parseYamlDocuments("spec:\n  name: a\n");
  expect(document?.locate(["spec", "image"])).toEqual({ line: 1, column: 1 });
  expect(document?.locate(["spec", "name", "deeper"])).toEqual({ line: 2, column: 3 });
  expect(document?.locate([])).toEqual({ line: 1, column: 1 });
});

test("a place in a later document counts lines from the start of the stream", () => {
  const [, second] = parseYamlDocuments("a: 1\n---\nb: 2\n");
  expect(second?.locate(["b"])).toEqual({ line: 3, column: 1 });
});

test.each([
  ["a key twice", "a: 1\nb: 2\na: 3\n", 3],
  ["a bracket left open", "a: [1,\n", 2],
  ["a tab as indent", "a:\n\tb: 1\n", 2],
])("%s is a problem with its line, and there is no value", (_name, text, line) => {
  const [document] = parseYamlDocuments(text);
  expect(document?.value).toBeUndefined();
  expect(document?.problems[0]).toMatchObject({ line, message: expect.any(String) });
});

test("anchors and merge keys are followed", () => {
  const text = "base: &b { x: 1 }\nmore:\n  <<: *b\n  z: 2\n";
  expect(parseYamlDocuments(text)[0]?.value).toMatchObject({ more: { x: 1, z: 2 } });
});

test("plain scalars are what Kubernetes' reader takes them for", () => {
  const text = "[yes, Off, 0644, 0o17, 0x1F, 1_000, 08, 1e3, .5, 1:30, 2026-01-31, ~, on, no way, v1.2]";
  expect(parseYamlDocuments(text)[0]?.value).toEqual([
    true,
    false,
    420,
    15,
    31,
    1000,
    8,
    1000,
    0.5,
    "1:30",
    "2026-01-31",
    null,
    true,
    "no way",
    "v1.2",
  ]);
});

test("the last of two equal keys counts where that is allowed, and is told", () => {
  const [document] = parseYamlDocuments("a: 1\nb: 2\na: 3\n", { duplicateKeys: "last" });
  expect(document).toMatchObject({
    value: { a: 3, b: 2 },
    problems: [],
    duplicates: [{ line: 3, column: 1 }],
  });
});

test("an anchor that holds itself, and one that grows without bounds, are problems", () => {
  const rows = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`);
  const bomb = ["a0: &a0 [x]", ...rows].join("\n");
  for (const text of ["a: &a [*a]\n", bomb]) {
    const [document] = parseYamlDocuments(text);
    expect(document?.value).toBeUndefined();
    expect(document?.problems).toHaveLength(1);
  }
});

test("any text gives documents, never a throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const document of parseYamlDocuments(text)) document.locate(["a", 0]);
    }),
  );
});

test("what is written is read back, and a stream has its values in order", () => {
  const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)));
  fc.assert(
    fc.property(json, (value) => {
      expect(parseYamlDocuments(formatYaml(value))[0]?.value).toEqual(value);
    }),
  );
  expect(parseYamlDocuments(formatYamlStream([{ a: 1 }, { b: 2 }])).map(({ value }) => value)).toEqual([
    { a: 1 },
    { b: 2 },
  ]);
});
