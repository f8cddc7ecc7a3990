import { expect, test } from "vitest";
import { formatTable } from "../../../src/core/table.ts";

test("columns are as wide as their widest cell, two blanks apart", () => {
  expect(
    formatTable(
      ["NAME", "AGE"],
      [
        ["kube-apiserver", "1"],
        ["etcd", "12345"],
      ],
    ),
  ).toBe("NAME            AGE\nkube-apiserver  1\netcd            12345\n");
});

test("no line ends in blanks, also where cells are missing", () => {
  expect(formatTable(["A", "B"], [["aaa"], ["a", ""]])).toBe("A    B\naaa\na\n");
});

test("no rows leave the headings", () => {
  expect(formatTable(["A", "B"], [])).toBe("A  B\n");
});
