import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** That of its children that have ended and been waited for, with theirs. */
  readonly childrenCpuSeconds: number;
  readonly residentBytes: number;
}

/** Source: proc(5): the clock of /proc counts 100 ticks a second on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

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
    // The name in brackets may hold anything; utime, stime, cutime and cstime are the 12th to 15th field after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [own = 0, kernel = 0, children = 0, childrensKernel = 0] = fields.slice(11, 15).map(Number);
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
