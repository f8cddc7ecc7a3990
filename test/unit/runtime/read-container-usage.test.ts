import { expect, test } from "vitest";
import type { ContainerCgroup } from "../../../src/runtime/cgroups.ts";
import { readContainerUsages } from "../../../src/runtime/read-container-usage.ts";
import { createFakeSystem, systemError } from "../../support/fake-system.ts";

const V2: ContainerCgroup = { dir: "/two", version: 2, controllers: ["cpu", "memory"] };
const V2_ALONE: ContainerCgroup = { ...V2, controllers: [] };
const CPU: ContainerCgroup = { dir: "/cpu", version: 1, controllers: ["cpu"] };
const MEMORY: ContainerCgroup = { dir: "/memory", version: 1, controllers: ["memory"] };

const V2_FILES = {
  "/two/cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
  "/two/memory.current": "9000\n",
  "/two/memory.stat": "anon 5000\ninactive_file 1000\nactive_file 2000\n",
};
const V1_FILES = {
  "/cpu/cpuacct.usage": "1500000000\n",
  "/memory/memory.usage_in_bytes": "800\n",
  "/memory/memory.stat": "rss 1\ntotal_rss 300\ninactive_file 2\ntotal_inactive_file 900\n",
};
/** A shell with a child that runs and one that has ended. */
const PROCESSES = {
  "/proc/7/stat": "7 (a b) S 1 7 7 0 -1 0 0 0 0 0 150 50 30 20 20 0 1 0 99",
  "/proc/7/status": "Name:\ta b\nVmRSS:\t    2048 kB\n",
  "/proc/8/stat": "8 (c) S 7 7 7 0 -1 0 0 0 0 0 10 0 0 0 20 0 1 0 99",
  "/proc/8/status": "Name:\tc\nVmRSS:\t    1024 kB\n",
};
const SUMMED = { memoryBytes: 3 << 20, workingSetBytes: 3 << 20, residentBytes: 3 << 20 };

test.each([
  [
    "cgroup version 2",
    V2_FILES,
    [V2],
    { cpuSeconds: 2.5, memoryBytes: 9000, workingSetBytes: 8000, residentBytes: 5000 },
  ],
  [
    "version 1, in which less may be charged than is inactive",
    V1_FILES,
    [CPU, MEMORY],
    { cpuSeconds: 1.5, memoryBytes: 800, workingSetBytes: 0, residentBytes: 300 },
  ],
  [
    "version 2 that has no controllers, beside version 1",
    { ...V2_FILES, ...V1_FILES },
    [V2_ALONE, CPU, MEMORY],
    { cpuSeconds: 2.5, memoryBytes: 800, workingSetBytes: 0, residentBytes: 300 },
  ],
  [
    "the processes of a cgroup that counts CPU alone",
    { ...PROCESSES, "/two/cpu.stat": "usage_usec 1\n", "/two/cgroup.procs": "7\n8\n" },
    [V2_ALONE],
    { ...SUMMED, cpuSeconds: 0.000001 },
  ],
  ["the processes that carry its marker", PROCESSES, [], { ...SUMMED, cpuSeconds: 2.6 }],
] as const)("what a container uses is read from %s", async (_name, files, cgroups, expected) => {
  const usages = await readContainerUsages(withFiles(files), {
    containers: [{ id: "a", cgroups }],
    processes: { listMarked: async () => new Map([["a", [7, 8, 9]]]) },
  });
  expect(usages).toEqual(new Map([["a", expected]]));
});

test("where nothing counts, the machine's processes are looked through once for all containers", async () => {
  let looks = 0;
  const listMarked = async (): Promise<ReadonlyMap<string, readonly number[]>> => {
    looks += 1;
    return new Map([["b", [8]]]);
  };
  const containers = ["a", "b"].map((id) => ({ id, cgroups: [] }));
  const usages = await readContainerUsages(withFiles(PROCESSES), { containers, processes: { listMarked } });
  expect(looks).toBe(1);
  expect(usages.get("a")?.residentBytes).toBe(0);
  expect(usages.get("b")?.residentBytes).toBe(1 << 20);
});

function withFiles(files: Readonly<Record<string, string>>) {
  const readText = async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw systemError("ENOENT");
    return text;
  };
  // Neither has a cgroup below.
  const stat = async () => ({ kind: "directory", linkCount: 2 }) as never;
  return createFakeSystem({ fs: { readText, stat } });
}
