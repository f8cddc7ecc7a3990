import { systemErrorCode } from "../core/errors.ts";
import { splitProcessStat, TICKS_PER_SECOND } from "../core/process-stat.ts";
import type { System } from "../system/system.ts";

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** That of its children that have ended and been waited for, with theirs. */
  readonly childrenCpuSeconds: number;
  readonly residentBytes: number;
}

/** CPU time and resident memory of one process; undefined when it is gone. Source: proc(5). */
export async function readProcessUsage(
  system: Pick<System, "fs">,
  pid: number,
): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      system.fs.readText(`/proc/${pid}/stat`),
      system.fs.readText(`/proc/${pid}/status`),
    ]);
    // utime, stime, cutime and cstime.
    const ticks = splitProcessStat(stat).slice(11, 15).map(Number);
    const [own = 0, kernel = 0, children = 0, childrensKernel = 0] = ticks;
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return {
      cpuSeconds: (own + kernel) / TICKS_PER_SECOND,
      childrenCpuSeconds: (children + childrensKernel) / TICKS_PER_SECOND,
      residentBytes: Number(resident ?? 0) * 1024,
    };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
