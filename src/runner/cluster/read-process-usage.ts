import { systemErrorCode } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Source: proc(5): the clock of /proc counts 100 ticks a second on every Linux that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time and resident memory of one process, not of its children; undefined when it is gone. Source: proc(5). */
export async function readProcessUsage(
  system: Pick<System, "fs">,
  pid: number,
): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      system.fs.readText(`/proc/${pid}/stat`),
      system.fs.readText(`/proc/${pid}/status`),
    ]);
    // The name in brackets may hold anything; utime and stime are the 12th and 13th field after it.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: Number(resident ?? 0) * 1024 };
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
