import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Controller } from "../../../src/runtime/cgroup-settings.ts";
import { makeCgroup, planCgroups, selectHierarchies } from "../../../src/runtime/cgroups.ts";
import { createLimitCheck } from "../../../src/runtime/limit-check.ts";
import type { ContainerSpec } from "../../../src/runtime/types.ts";
import { createFakeSystem } from "../../support/fake-system.ts";
import { createTempTree } from "../../support/temp-tree.ts";

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

/** A directory in the place of a mounted hierarchy; the kernel's files are there as soon as they are read. */
function createHierarchy(controllers: readonly Controller[]) {
  const mountPoint = createTempTree({});
  const real = createFakeSystem().fs;
  const fs = {
    readText: (path: string) =>
      path.endsWith("cgroup.subtree_control") && !existsSync(path)
        ? Promise.resolve("")
        : real.readText(path),
  };
  const system = createFakeSystem({ fs });
  return { mountPoint, system, hierarchy: { mountPoint, version: 2 as const, controllers } };
}

test("under version 2 each level hands its controllers down and has its own limits", async () => {
  const { mountPoint, system, hierarchy } = createHierarchy(["cpu", "memory"]);
  const [cgroup] = planCgroups([hierarchy], { containerId: "c", podUid: "1" });
  if (cgroup === undefined) throw new Error("no cgroup");
  const resources = { container: { memoryBytes: 1000 }, pod: { cpuShares: 2, memoryBytes: 2000 } };
  await makeCgroup(system, { cgroup, resources });
  const read = (path: string) => readFileSync(join(mountPoint, path), "utf8");
  for (const dir of [".", "slipway", "slipway/pod1"])
    expect(read(`${dir}/cgroup.subtree_control`)).toBe("+cpu +memory");
  expect(read("slipway/cpu.weight")).toBe(String(Math.floor(1 + ((4 * 1024 - 2) * 9999) / 262_142)));
  expect(read("slipway/pod1/memory.max")).toBe("2000");
  expect(read("slipway/pod1/c/memory.max")).toBe("1000");
  expect(existsSync(join(mountPoint, "slipway/pod1/c/cpu.weight"))).toBe(false);
});

test("a limit that the kernel does not take is told with its file", async () => {
  const { system, hierarchy } = createHierarchy(["cpu", "memory"]);
  const [cgroup] = planCgroups([hierarchy], { containerId: "c", podUid: "1" });
  if (cgroup === undefined) throw new Error("no cgroup");
  const refuse = () => Promise.reject(Object.assign(new Error("invalid argument"), { code: "EINVAL" }));
  const fs = { ...system.fs, appendText: refuse };
  const resources = { container: {}, pod: { cpuQuotaUs: 10 ** 14 } };
  await expect(
    makeCgroup({ ...system, fs }, { cgroup: { ...cgroup, version: 1 }, resources }),
  ).rejects.toThrow("the kernel does not take 4096 for cpu.shares");
});

test("a hierarchy that only counts processes is used when it tracks or when they are limited", () => {
  const hierarchies = [
    { mountPoint: "/u", version: 2 as const, controllers: [] },
    { mountPoint: "/p", version: 1 as const, controllers: ["pids" as const] },
  ];
  const dirsFor = (pids: object) =>
    planCgroups(hierarchies, { containerId: "c", podUid: "1", resources: { container: {}, pod: pids } }).map(
      ({ dir }) => dir,
    );
  expect(dirsFor({})).toEqual(["/u/slipway/pod1/c"]);
  expect(dirsFor({ pids: 9 })).toEqual(["/u/slipway/pod1/c", "/p/slipway/pod1/c"]);
});

test("limits that no cgroup can enforce are told once, all of them", () => {
  const system = createFakeSystem();
  const check = createLimitCheck(system, [{ mountPoint: "/pids", version: 1, controllers: ["pids"] }]);
  const spec = { podName: "p", containerName: "c" } as ContainerSpec;
  check({ ...spec, resources: { container: { cpuShares: 2 }, pod: { cpuShares: 2 } } });
  expect(system.logged).toEqual([]);
  for (let round = 0; round < 2; round += 1) {
    check({ ...spec, resources: { container: { cpuShares: 100 }, pod: { pids: 7 } } });
  }
  expect(system.logged.map(({ fields }) => fields)).toEqual([
    { controllers: "cpu,memory", pod: "p", container: "c" },
  ]);
});
