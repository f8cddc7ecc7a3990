import type { HugePages, ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { System } from "../../system/system.ts";
import { readHugePages } from "./huge-pages.ts";

/** What a Node says of its machine, and whether the machine is short of something now. */
export interface Machine {
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
  readonly cpuCount: number;
  readonly memoryKiB: number;
  readonly hugePages: HugePages;
  readonly diskBytes: number;
  readonly pressures: readonly ("MemoryPressure" | "DiskPressure" | "PIDPressure")[];
}

/** Source: kubelet eviction defaults, memory.available<100Mi and nodefs.available<10%. */
const MIN_FREE_MEMORY_KIB = 100 * 1024;
const MIN_FREE_DISK_FRACTION = 0.1;

/**
 * What of the machine pods may have: all but what is always to be free; what is in huge pages is no other memory.
 * Source: kubelet nodestatus/setters.go MachineInfo.
 */
export function computeAllocatable(machine: Machine): ResourceAmounts {
  const { cpuCount, memoryKiB, hugePages, diskBytes } = machine;
  const hugeBytes = Object.values(hugePages).reduce((sum, bytes) => sum + bytes, 0);
  return {
    cpu: cpuCount * 1000,
    memory: Math.max((memoryKiB - MIN_FREE_MEMORY_KIB) * 1024 - hugeBytes, 0),
    "ephemeral-storage": Math.floor(diskBytes * (1 - MIN_FREE_DISK_FRACTION)),
    ...hugePages,
  };
}

/** Reads the machine; what it does not tell is an empty text. */
export async function readMachine(
  system: Pick<System, "fs" | "host">,
  options: { readonly stateDir: string },
): Promise<Machine> {
  const [machineId, systemUuid, bootId, release, memory, hugePages, diskBytes, freeBytes] = await Promise.all(
    [
      readLine(system, "/etc/machine-id"),
      readLine(system, "/sys/class/dmi/id/product_uuid"),
      readLine(system, "/proc/sys/kernel/random/boot_id"),
      system.fs.readTextIfExists("/etc/os-release"),
      system.fs.readTextIfExists("/proc/meminfo"),
      readHugePages(system),
      system.fs.totalBytes(options.stateDir),
      system.fs.freeBytes(options.stateDir),
    ],
  );
  const availableKiB = readKiB(memory, "MemAvailable");
  return {
    machineId,
    systemUuid: systemUuid === "" ? machineId : systemUuid,
    bootId,
    kernelVersion: system.host.kernelRelease(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(release ?? "")?.[1] ?? "Linux",
    architecture: system.host.architecture,
    cpuCount: system.host.cpuCount(),
    memoryKiB: readKiB(memory, "MemTotal") ?? Math.floor(system.host.totalMemoryBytes() / 1024),
    hugePages,
    diskBytes,
    pressures: [
      ...(availableKiB !== undefined && availableKiB < MIN_FREE_MEMORY_KIB
        ? (["MemoryPressure"] as const)
        : []),
      ...(freeBytes < diskBytes * MIN_FREE_DISK_FRACTION ? (["DiskPressure"] as const) : []),
    ],
  };
}

/** An identity that cannot be read (product_uuid is root's alone) is left empty. */
async function readLine(system: Pick<System, "fs">, path: string): Promise<string> {
  const readable = await system.fs.access(path, READABLE);
  return readable ? ((await system.fs.readTextIfExists(path)) ?? "").trim() : "";
}

/** `R_OK` of access(2). */
const READABLE = 4;

function readKiB(memory: string | undefined, field: string): number | undefined {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(memory ?? "");
  return match === null ? undefined : Number(match[1]);
}
