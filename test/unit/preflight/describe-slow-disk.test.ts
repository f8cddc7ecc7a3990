import { expect, test } from "vitest";
import { describeSlowDisk } from "../../../src/preflight/describe-slow-disk.ts";

test("a write that took over a second, or many that are slow, make a slow disk", () => {
  const why = (overOneSecond: number, p99Ms: number) =>
    describeSlowDisk({ count: 1000, overOneSecond, p99Ms })?.why.split(", ").at(-1);
  expect(why(1, 2)).toBe("1 took over a second");
  expect(why(0, 256)).toBe("one in a hundred took over 128 ms");
  expect(why(3, 256)).toBe("3 took over a second and one in a hundred over 128 ms");
});

test("an etcd that has written little, or fast, or does not tell is not called slow", () => {
  expect(describeSlowDisk({ count: 100, overOneSecond: 0, p99Ms: 256 })).toBeUndefined();
  expect(describeSlowDisk({ count: 1000, overOneSecond: 0, p99Ms: 16 })).toBeUndefined();
  expect(describeSlowDisk({ count: 100_000, overOneSecond: 1, p99Ms: 16 })).toBeUndefined();
  expect(describeSlowDisk(undefined)).toBeUndefined();
});
