import { expect, test } from "vitest";
import { parseSyncs, readEtcdSyncs } from "../../../src/facts/read-etcd-syncs.ts";
import { createFakeSystem } from "../../support/fake-system.ts";

/** The histogram as etcd writes it; `counts` are cumulative. */
function metrics(counts: Readonly<Record<string, number>>): string {
  const lines = Object.entries(counts).map(
    ([bound, count]) => `etcd_disk_wal_fsync_duration_seconds_bucket{le="${bound}"} ${count}`,
  );
  return ["# TYPE etcd_disk_wal_fsync_duration_seconds histogram", ...lines, "up 1", ""].join("\n");
}

test("counts what took over a second and finds the bucket of the 99th of a hundred", () => {
  const text = metrics({ "0.001": 10, "0.128": 900, "0.256": 990, "1.024": 997, "8.192": 999, "+Inf": 1000 });
  expect(parseSyncs(text)).toEqual({ count: 1000, overOneSecond: 3, p99Ms: 256 });
});

test("what is slower than every bucket counts for the last one", () => {
  const text = metrics({ "1.024": 1, "8.192": 2, "+Inf": 100 });
  expect(parseSyncs(text)).toEqual({ count: 100, overOneSecond: 99, p99Ms: 8192 });
});

test.each(["", "up 1\n", metrics({ "1.024": 0, "+Inf": 0 })])("nothing is known from %j", (text) => {
  expect(parseSyncs(text)).toBeUndefined();
});

test("an etcd that does not answer tells nothing", async () => {
  expect(await readEtcdSyncs(createFakeSystem(), { origin: "http://127.0.0.1:2381" })).toBeUndefined();
});
