import { expect, test } from "vitest";
import { parseYamlDocuments } from "../../../src/core/yaml.ts";

test.each([
  ["a:\n\tb: 1\n", 2, /a tab indents/],
  ["a: b: c\n", 1, /a second key stands within a value/],
  ["a: [1, 2\nb: 3\n", 2, /\[ or \{ is not closed/],
  ['a: "x\nb: 1\n', 1, /quote is opened/],
  ["a:\n  b: 1\n c: 2\n", 3, /indentation does not fit/],
  ["a: 1\nb 2\n", 2, /a colon is missing/],
  ["a: 1\nfoo\nb: 2\n", 2, /no "key: value"/],
  ["{a: 1\n", 2, /a \{ is not closed/],
  ["a: @b\n", 1, /in quotes/],
  ['a: "\\q"\n', 1, /single quotes/],
  ["a: 'it's'\n", 1, /in quotes/],
  ["a: *x\n", 1, /\* begins a reference/],
])("%j is said to be wrong in plain words, once a line", (text, line, message) => {
  const problems = parseYamlDocuments(text).flatMap((document) => document.problems);
  expect(problems[0]).toMatchObject({ line, message: expect.stringMatching(message) });
  expect(problems.map((problem) => problem.line)).toEqual([
    ...new Set(problems.map((problem) => problem.line)),
  ]);
  expect(problems.map((problem) => problem.message).join()).not.toMatch(
    /implicit|flow|scalar|alias|collection/i,
  );
});
