import { splitProcessStat } from "../core/process-stat.ts";
import type { System } from "../system/system.ts";
import { whenReadable } from "./list-processes.ts";

/**
 * Whether a process was stopped by a signal, as `kill -STOP` does, and waits for SIGCONT. Source: proc_pid_stat(5),
 * state T.
 */
export async function isSuspended(system: Pick<System, "fs">, pid: number): Promise<boolean> {
  const stat = await whenReadable(system.fs.readText(`/proc/${pid}/stat`));
  return stat !== undefined && splitProcessStat(stat)[0] === "T";
}
