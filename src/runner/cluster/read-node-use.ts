import { TICKS_PER_SECOND } from "../../core/process-stat.ts";
import type { System } from "../../system/system.ts";

/** What the whole machine uses. */
export interface NodeUse {
  readonly cpuSeconds: number;
  /** What could not be had by others. */
  readonly workingSetBytes: number;
}

/** CPU is all that is not idle or waiting for a disk. Source: proc(5) stat. */
export async function readNodeUse(system: Pick<System, "fs" | "host">): Promise<NodeUse> {
  const stat = (await system.fs.readTextIfExists("/proc/stat")) ?? "";
  const [user = 0, nice = 0, own = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return {
    cpuSeconds: (user + nice + own + irq + softIrq + steal) / TICKS_PER_SECOND,
    workingSetBytes: system.host.totalMemoryBytes() - system.host.freeMemoryBytes(),
  };
}
