import { join } from "node:path";
import type { System } from "../system/system.ts";
import { type ContainerCgroup, readCgroupPids, readGone } from "./cgroups.ts";
import type { Processes } from "./processes.ts";
import { readProcessUsage } from "./read-process-usage.ts";

/** What all processes of a container use together. */
export interface ContainerUsage {
  readonly cpuSeconds: number;
  /** All that is charged to it, the page cache, too. */
  readonly memoryBytes: number;
  /** Without the page cache that the kernel takes back first. */
  readonly workingSetBytes: number;
  readonly residentBytes: number;
}

type Memory = Omit<ContainerUsage, "cpuSeconds">;

/** A container that runs. */
interface Running {
  readonly id: string;
  readonly cgroups: readonly ContainerCgroup[];
}

/**
 * What containers use, by ID: what their cgroups count, or where those do not, the sum of their processes, in which
 * memory that several share counts for each.
 */
export async function readContainerUsages(
  system: System,
  options: { readonly containers: readonly Running[]; readonly processes: Pick<Processes, "listMarked"> },
): Promise<ReadonlyMap<string, ContainerUsage>> {
  let marked: ReturnType<Processes["listMarked"]> | undefined;
  const findPids = async ({ id, cgroups }: Running): Promise<readonly number[]> => {
    const [tracking] = cgroups;
    if (tracking !== undefined) return readCgroupPids(system, tracking.dir);
    marked ??= options.processes.listMarked();
    return (await marked).get(id) ?? [];
  };
  const usages = new Map<string, ContainerUsage>();
  // One after the other: of many containers no more than a few files are open at once.
  for (const container of options.containers) {
    const cpuSeconds = await readCpuSeconds(system, container.cgroups);
    const memory = await readMemory(system, container.cgroups);
    const counted = { ...(cpuSeconds === undefined ? {} : { cpuSeconds }), ...memory };
    const summed =
      cpuSeconds === undefined || memory === undefined
        ? await sumProcesses(system, await findPids(container))
        : NOTHING;
    usages.set(container.id, { ...summed, ...counted });
  }
  return usages;
}

const NOTHING: ContainerUsage = { cpuSeconds: 0, memoryBytes: 0, workingSetBytes: 0, residentBytes: 0 };

/**
 * Version 1 counts beside the limits where cpu and cpuacct are mounted together. Source: kernel cgroup-v2.rst,
 * cpuacct.rst.
 */
async function readCpuSeconds(
  system: Pick<System, "fs">,
  cgroups: readonly ContainerCgroup[],
): Promise<number | undefined> {
  for (const { dir, version } of cgroups) {
    const text = await readGone(system, join(dir, version === 2 ? "cpu.stat" : "cpuacct.usage"));
    const match = (version === 2 ? /^usage_usec (\d+)$/m : /^(\d+)$/m).exec(text);
    if (match !== null) return Number(match[1]) / (version === 2 ? 1e6 : 1e9);
  }
  return undefined;
}

/** Source: cadvisor container/libcontainer/handler.go setMemoryStats; kernel memory.rst, cgroup-v2.rst. */
async function readMemory(
  system: Pick<System, "fs">,
  cgroups: readonly ContainerCgroup[],
): Promise<Memory | undefined> {
  const cgroup = cgroups.find(({ controllers }) => controllers.includes("memory"));
  if (cgroup === undefined) return undefined;
  const { dir, version } = cgroup;
  const read = (file: string): Promise<string> => readGone(system, join(dir, file));
  const usage = (await read(version === 2 ? "memory.current" : "memory.usage_in_bytes")).trim();
  if (usage === "") return undefined;
  const stat = await read("memory.stat");
  const count = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
  const memoryBytes = Number(usage);
  const inactive = count(version === 2 ? "inactive_file" : "total_inactive_file");
  return {
    memoryBytes,
    workingSetBytes: Math.max(0, memoryBytes - inactive),
    residentBytes: count(version === 2 ? "anon" : "total_rss"),
  };
}

async function sumProcesses(system: Pick<System, "fs">, pids: readonly number[]): Promise<ContainerUsage> {
  const usages = await Promise.all(pids.map((pid) => readProcessUsage(system, pid)));
  let [cpuSeconds, residentBytes] = [0, 0];
  for (const usage of usages) {
    cpuSeconds += (usage?.cpuSeconds ?? 0) + (usage?.childrenCpuSeconds ?? 0);
    residentBytes += usage?.residentBytes ?? 0;
  }
  return { cpuSeconds, memoryBytes: residentBytes, workingSetBytes: residentBytes, residentBytes };
}
