import { expect, test } from "vitest";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";
import { parseManifest } from "../../../src/pod/parse-static-pod.ts";

/** Far above what these need, and far below what they take when each problem or key is compared with all others. */
const MAX_CPU_MS = 4000;

const POD_OF_FAULTS = { containers: Array.from({ length: 30_000 }, () => ({ name: 1, image: [] })) };
const POD_OF_UNKNOWN = `apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a, image: b}]
${Array.from({ length: 40_000 }, (_, index) => `  k${index}: 1\n`).join("")}`;

test.each([
  ["lines that are wrong", "- a: b: c\n".repeat(3000)],
  ["quotes left open", '- a: "x\n'.repeat(3000)],
  ["problems in one line", "a: b: c: ".repeat(3000)],
  ["lines with a tab", `a:\n${"\tb: 1\n".repeat(5000)}`],
  ["brackets left open", "{".repeat(5000)],
  ["brackets", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["levels of a list", `${"- ".repeat(100_000)}a`],
  ["levels of a map", Array.from({ length: 3000 }, (_, index) => `${" ".repeat(index)}a:\n`).join("")],
  ["references", Array.from({ length: 20_000 }, (_, index) => `- &a${index} 1\n- *a${index}\n`).join("")],
  ["keys", Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join("")],
  ["equal keys", "a: 1\n".repeat(20_000)],
  ["fields that are not there", POD_OF_UNKNOWN],
  ["values", `a: [${"b,".repeat(2_000_000)}]\n`],
  [
    "faults in JSON",
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: POD_OF_FAULTS }),
  ],
])(
  "many %s are read in a moment",
  (_name, text) => {
    const before = process.cpuUsage();
    parseYamlDocuments(text);
    parseManifest({ text, origin: "x" });
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(MAX_CPU_MS);
  },
  60_000,
);

test("of many lines that are wrong the first are told, and how many more there are", () => {
  const problems = parseYamlDocuments("- a: b: c\n".repeat(50))[0]?.problems ?? [];
  expect(problems.map(({ line }) => line)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  expect(problems.at(-1)?.message).toMatch(/30 more lines/);
});

test("keys that stand twice are told in the order of the lines, beside what else is wrong", () => {
  const [document] = parseYamlDocuments("a: 1\na: 2\nb: c: d\n");
  expect(document?.problems.map(({ line }) => line)).toEqual([2, 3]);
});

test("a part that is referred to twice is no problem, and one that holds itself is", () => {
  expect(parseYamlDocuments("a: &a [1]\nb: [*a, *a]\n")[0]?.problems).toEqual([]);
  expect(parseYamlDocuments("a: &a\n  b: [1, *a]\n")[0]?.problems).toHaveLength(1);
});

test("a pod that is too long as YAML is read as JSON, and long texts and comments are no matter", () => {
  const env = Array.from({ length: 50_000 }, (_, index) => ({ name: `V${index}`, value: "v" }));
  const lines = env.map(({ name, value }) => `    - {name: ${name}, value: ${value}}\n`).join("");
  const head =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: x\n";
  const refused = parseManifest({ text: `${head}    env:\n${lines}`, origin: "f" });
  expect(refused).toMatchObject({ kind: "refused", message: expect.stringContaining("write it as JSON") });
  const spec = { containers: [{ name: "c", image: "x", env }] };
  const json = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec });
  expect(parseManifest({ text: json, origin: "f" }).kind).toBe("pod");
  const comments = `${head}# ${"x".repeat(5_000_000)}\n${"# a comment\n".repeat(50_000)}`;
  expect(parseManifest({ text: comments, origin: "f" }).kind).toBe("pod");
});

test("what is nested too deep, too long or refers too often is told where that begins", () => {
  const deep = `a: 1\nb: ${"[".repeat(1000)}${"]".repeat(1000)}\n`;
  expect(parseYamlDocuments(deep)).toMatchObject([
    { value: undefined, problems: [{ line: 2, message: "this is nested more than 200 levels deep" }] },
  ]);
  const many = `a: &a 1\n${"- *a\n".repeat(1001)}`;
  expect(parseYamlDocuments(many)[0]?.problems).toMatchObject([
    { line: 1002, message: "there are more than 1000 references; write out what they stand for" },
  ]);
  expect(parseYamlDocuments(`a: 1\nb: [${"c,".repeat(250_000)}]\n`)[0]).toMatchObject({
    value: undefined,
    problems: [{ line: 2, message: expect.stringContaining("more than 250000 words and signs") }],
  });
  expect(parseYamlDocuments(`${"- ".repeat(150)}a`)[0]?.problems).toEqual([]);
});
