import { expect, test } from "vitest";
import {
  isDnsLabel,
  isDnsSubdomain,
  isLabelValue,
  isPortName,
  isQualifiedName,
} from "../../../src/core/names.ts";

const LONG = "a".repeat(63);

test.each([
  [isDnsLabel, ["a", "a-b", "1", LONG], ["", "-a", "a-", "A", "a.b", "a_b", `${LONG}a`, "a\n"]],
  [isDnsSubdomain, ["a", "a.b-c.d", "1.2"], ["", ".a", "a.", "a..b", "A.b", "a.-b", "a".repeat(254), "a\n"]],
  [
    isQualifiedName,
    ["a", "A_b.c", "example.com/a", `example.com/${LONG}`],
    ["", "/a", "example.com/", "a/b/c", "Example.com/a", "-a", `${LONG}a`],
  ],
  [isLabelValue, ["", "a", "A-b_c.d", LONG], ["-a", "a-", "a b", "a/b", `${LONG}a`]],
  [isPortName, ["http", "a1", "1a", "a-b"], ["", "80", "a--b", "-a", "a-", "A", "a".repeat(16)]],
] as const)("%o takes what the API takes and nothing else", (rule, good, bad) => {
  expect(good.filter((text) => !rule(text))).toEqual([]);
  expect(bad.filter((text) => rule(text))).toEqual([]);
});
