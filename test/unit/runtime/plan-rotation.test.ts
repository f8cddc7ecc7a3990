import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRotatedName, nextRotatedName, planRotation } from "../../../src/runtime/logs/plan-rotation.ts";

const options = { logName: "0.log", maxFiles: 3 };

test("a rotated log has the second it was rotated in as its name", () => {
  expect(formatRotatedName("0.log", Date.UTC(2026, 10, 2, 7, 5, 9))).toBe("0.log.20261102-070509");
});

test("a second rotation within one second, or after the clock was set back, is named behind the newest", () => {
  const nowMs = Date.UTC(2026, 10, 2, 7, 5, 9);
  const named = (...names: string[]): string => nextRotatedName(names, { logName: "0.log", nowMs });
  expect(named("0.log")).toBe("0.log.20261102-070509");
  expect(named("0.log.20261102-070509.gz")).toBe("0.log.20261102-070510");
  expect(named("0.log.20261102-235959", "0.log.20261102-070509")).toBe("0.log.20261103-000000");
  expect(named("0.log.20269999-999999")).toBe("0.log.20261102-070509");
});

test("all rotated files but the newest are compressed", () => {
  const names = ["0.log", "0.log.20260101-000001", "0.log.20260101-000002"];
  expect(planRotation(names, options)).toEqual({ remove: [], compress: ["0.log.20260101-000001"] });
});

test("the oldest go when there are more than allowed, the live one counted", () => {
  const names = ["0.log", "0.log.20260101-000001.gz", "0.log.20260101-000002.gz", "0.log.20260101-000003"];
  expect(planRotation(names, options)).toEqual({ remove: ["0.log.20260101-000001.gz"], compress: [] });
});

test("what a cut-off compression left is removed", () => {
  const names = [
    "0.log.20260101-000001",
    "0.log.20260101-000001.gz",
    "0.log.20260101-000002",
    "0.log.20260101-000002.gz.tmp",
  ];
  expect(planRotation(names, options)).toEqual({
    remove: ["0.log.20260101-000001", "0.log.20260101-000002.gz.tmp"],
    compress: [],
  });
});

test("files that are not this log's are left alone", () => {
  const names = ["1.log.20260101-000001", "0.log.bak", "0.log.20260101", "notes"];
  expect(planRotation(names, { ...options, maxFiles: 1 })).toEqual({ remove: [], compress: [] });
});

test("never more rotated files are kept than allowed, and they are the newest", () => {
  const stamp = fc
    .integer({ min: 0, max: 99 })
    .map((n) => `0.log.20260101-0000${String(n).padStart(2, "0")}`);
  fc.assert(
    fc.property(fc.uniqueArray(stamp), fc.integer({ min: 1, max: 6 }), (names, maxFiles) => {
      const { remove } = planRotation(names, { logName: "0.log", maxFiles });
      const kept = names.filter((name) => !remove.includes(name)).sort();
      expect(kept).toEqual(names.toSorted().slice(names.length - kept.length));
      expect(kept.length).toBe(Math.min(names.length, maxFiles - 1));
    }),
  );
});
