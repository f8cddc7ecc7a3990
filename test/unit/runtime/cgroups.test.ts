import { expect, test } from "vitest";
import { selectHierarchies } from "../../../src/runtime/cgroups.ts";

const PIDS = "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids";
const MEMORY = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory";
const UNIFIED = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

test("version 2 is preferred wherever it is mounted, then the pids hierarchy", () => {
  expect(selectHierarchies([MEMORY, PIDS, UNIFIED].join("\n"))).toEqual([
    "/sys/fs/cgroup/unified",
    "/sys/fs/cgroup/pids",
  ]);
});

test("there is none where no cgroups are mounted", () => {
  expect(selectHierarchies("23 1 0:20 / / rw - ext4 /dev/vda rw\n")).toEqual([]);
  expect(selectHierarchies("")).toEqual([]);
});

test("a mount point's escaped blanks are read", () => {
  expect(selectHierarchies("41 31 0:38 / /my\\040cgroups rw - cgroup2 cgroup2 rw")).toEqual(["/my cgroups"]);
});
