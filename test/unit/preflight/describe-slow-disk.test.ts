import { expect, test } from "vitest";
import { describeSlowDisk } from "../../../src/preflight/describe-slow-disk.ts";

test("a write that took over a second, or many that are slow, make a slow disk", () => {
  expect(describeSlowDisk({ count: 10, overOneSecond: 1, p99Ms: 2 })?.why).toBe(
    "etcd has waited 1 times over a second for its log to be durable, and one time in a hundred over 1 ms",
  );
  expect(describeSlowDisk({ count: 1000, overOneSecond: 0, p99Ms: 256 })?.what).toBe("etcd's disk is slow");
});

test("an etcd that has written little, or fast, or does not tell is not called slow", () => {
  expect(describeSlowDisk({ count: 100, overOneSecond: 0, p99Ms: 256 })).toBeUndefined();
  expect(describeSlowDisk({ count: 1000, overOneSecond: 0, p99Ms: 16 })).toBeUndefined();
  expect(describeSlowDisk(undefined)).toBeUndefined();
});
