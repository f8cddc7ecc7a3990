import { expect, test } from "vitest";
import { planSkip, SPOOL_CAP_BYTES } from "../../../src/runtime/logs/plan-skip.ts";

const limits = { maxSizeBytes: 10, maxFiles: 5 };

test("nothing is jumped over while a container runs and its spool is within its cap", () => {
  expect(planSkip(SPOOL_CAP_BYTES, { limits, final: false })).toBe(0);
});

test("a spool over its cap is jumped over but for what the log can hold", () => {
  expect(planSkip(SPOOL_CAP_BYTES + 1, { limits, final: false })).toBe(SPOOL_CAP_BYTES + 1 - 50);
});

test("when the container has ended only what the log can hold is moved", () => {
  expect(planSkip(50, { limits, final: true })).toBe(0);
  expect(planSkip(51, { limits, final: true })).toBe(1);
});

test("a log without bounds has all, and one that may be larger than the cap all that it holds", () => {
  expect(planSkip(2 * SPOOL_CAP_BYTES, { limits: { ...limits, maxSizeBytes: 0 }, final: true })).toBe(0);
  const large = { maxSizeBytes: SPOOL_CAP_BYTES, maxFiles: 5 };
  expect(planSkip(2 * SPOOL_CAP_BYTES, { limits: large, final: false })).toBe(0);
});
