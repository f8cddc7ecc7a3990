import { expect, test } from "vitest";
import { selectHierarchies } from "../../../src/runtime/cgroups.ts";

const PIDS = "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids";
const CPU = "36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct";
const SYSTEMD = "35 31 0:32 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd";
const UNIFIED = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

test("version 2 is preferred wherever it is mounted, then version 1's hierarchies with a controller of ours", () => {
  expect(selectHierarchies([SYSTEMD, PIDS, CPU, UNIFIED].join("\n"))).toEqual([
    { mountPoint: "/sys/fs/cgroup/unified", version: 2, controllers: [] },
    { mountPoint: "/sys/fs/cgroup/pids", version: 1, controllers: ["pids"] },
    { mountPoint: "/sys/fs/cgroup/cpu,cpuacct", version: 1, controllers: ["cpu"] },
  ]);
});

test("there is none where no cgroups are mounted", () => {
  expect(selectHierarchies("23 1 0:20 / / rw - ext4 /dev/vda rw\n")).toEqual([]);
  expect(selectHierarchies("")).toEqual([]);
});

test("a mount point's escaped blanks are read", () => {
  expect(selectHierarchies("41 31 0:38 / /my\\040cgroups rw - cgroup2 cgroup2 rw")[0]?.mountPoint).toBe(
    "/my cgroups",
  );
});
