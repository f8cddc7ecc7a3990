import { createProcesses } from "../runtime/processes.ts";
import type { System } from "../system/system.ts";

/** A process that was told to end has this long for each signal; a runner has nothing to do but close files. */
const EXIT_MS = 3000;

/** Between looks at a process that is ending. */
const POLL_MS = 20;

/** Ends a process, also one that is stopped or does not listen, and waits for it; never one that has its pid later. */
export async function endProcess(system: System, pid: number): Promise<void> {
  const processes = await createProcesses(system);
  const identity = await processes.identify(pid);
  if (identity === undefined) return;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!(await processes.signal(identity, { signal, group: false }))) return;
    await processes.signal(identity, { signal: "SIGCONT", group: false });
    const deadlineMs = system.clock.monotonicMs() + EXIT_MS;
    while (system.clock.monotonicMs() < deadlineMs) {
      if (!(await processes.isAlive(identity))) return;
      await system.clock.sleep(POLL_MS);
    }
  }
}
