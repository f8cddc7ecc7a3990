import { expect, test } from "vitest";
import { asksFor, buildSettings, type Controller } from "../../../src/runtime/cgroup-settings.ts";

const LIMITS = { cpuShares: 1024, cpuQuotaUs: 50_000, memoryBytes: 1_048_576, pids: 7 };

function settings(version: 1 | 2, controller: Controller, level: "pod" | "container" = "container") {
  return buildSettings(LIMITS, { version, controller, level }).map(({ file, value }) => `${file}=${value}`);
}

test("version 1 and version 2 have their own files for the same limits", () => {
  expect(settings(1, "cpu")).toEqual([
    "cpu.shares=1024",
    "cpu.cfs_period_us=100000",
    "cpu.cfs_quota_us=50000",
  ]);
  expect(settings(2, "cpu")).toEqual(["cpu.weight=39", "cpu.max=50000 100000"]);
  expect(settings(1, "memory")).toEqual([
    "memory.limit_in_bytes=1048576",
    "memory.memsw.limit_in_bytes=1048576",
  ]);
  expect(settings(2, "memory")).toEqual(["memory.max=1048576", "memory.swap.max=0", "memory.oom.group=1"]);
  expect(settings(2, "memory", "pod")).toEqual(["memory.max=1048576", "memory.swap.max=0"]);
  for (const version of [1, 2] as const) expect(settings(version, "pids")).toEqual(["pids.max=7"]);
});

test.each([
  [2, "1"],
  [1024, "39"],
  [262_144, "10000"],
])("%i shares are a weight of %s, as with the kubelet", (cpuShares, weight) => {
  const [setting] = buildSettings({ cpuShares }, { version: 2, controller: "cpu", level: "pod" });
  expect(setting?.value).toBe(weight);
});

test("nothing is written for what is not limited, and the least weight is no wish", () => {
  expect(buildSettings({}, { version: 2, controller: "memory", level: "pod" })).toEqual([]);
  expect(asksFor({ container: { cpuShares: 2 }, pod: { cpuShares: 2 } }, "cpu")).toBe(false);
  expect(asksFor({ container: {}, pod: { pids: 5 } }, "pids")).toBe(true);
});
