import { beforeEach, expect, test } from "vitest";
import { collectList } from "../../../../src/cli/options.ts";
import { printAnswer } from "../../../../src/cli/terminal/output.ts";
import { type CapturedOutput, captureOutput } from "../../../support/capture-output.ts";

let output: CapturedOutput;

beforeEach(() => {
  output = captureOutput();
});

const ANSWER = { kind: "Answer", items: [{ name: "a" }], missing: undefined };

test("JSON is the whole answer on stdout", () => {
  printAnswer(ANSWER, { format: "json", text: () => "text" });
  expect(JSON.parse(output.stdout())).toEqual({ kind: "Answer", items: [{ name: "a" }] });
  expect(output.stdout().endsWith("}\n")).toBe(true);
});

test("YAML is the same answer", () => {
  printAnswer(ANSWER, { format: "yaml", text: () => "text" });
  expect(output.stdout()).toBe("items:\n- name: a\nkind: Answer\n");
});

test("text is what people read, without secrets", () => {
  printAnswer(ANSWER, { format: "text", text: () => "token: abc\n" });
  expect(output.stdout()).toBe("token: <hidden>\n");
});

test("a list is given by commas, by several flags, or both", () => {
  expect(collectList("a, b,,c", undefined)).toEqual(["a", "b", "c"]);
  expect(collectList("d", ["a"])).toEqual(["a", "d"]);
});
