import type { System } from "../system/system.ts";
import { killCgroup, readCgroupPids } from "./cgroups.ts";
import type { Processes, ProcessIdentity } from "./processes.ts";

/** A process that survives SIGKILL this long hangs in the kernel; the container's end is not held up for it. */
const SWEEP_TIMEOUT_MS = 5_000;

/** What is asked again after SIGKILL; doubled each time. */
const FIRST_PAUSE_MS = 1;

/**
 * Kills all that is left of a container whose main process has ended: by its cgroup, or where it has none by the
 * marker in the environment. Resolves when nothing lives, with whether anything did.
 */
export async function sweepContainer(
  system: System,
  options: {
    readonly processes: Processes;
    readonly containerId: string;
    readonly cgroupDir: string | undefined;
  },
): Promise<boolean> {
  const deadlineMs = system.clock.monotonicMs() + SWEEP_TIMEOUT_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
    const { pids, left } = await findLeft(system, options);
    if (pids.length === 0) return pauseMs > FIRST_PAUSE_MS;
    if (system.clock.monotonicMs() > deadlineMs) {
      system.log.warn("processes of an ended container do not die", {
        container: options.containerId,
        pids: pids.join(","),
      });
      return true;
    }
    const killed = options.cgroupDir !== undefined && (await killCgroup(system, options.cgroupDir));
    if (!killed) {
      for (const identity of left) {
        await options.processes.signal(identity, { signal: "SIGKILL", group: false });
      }
    }
    await system.clock.sleep(pauseMs);
  }
}

/** A process that has gone since its cgroup was read may have left another one there: `left` does not say it all. */
async function findLeft(
  system: System,
  options: {
    readonly processes: Processes;
    readonly containerId: string;
    readonly cgroupDir: string | undefined;
  },
): Promise<{ readonly pids: readonly number[]; readonly left: readonly ProcessIdentity[] }> {
  if (options.cgroupDir === undefined) {
    const marked = await options.processes.findMarked(options.containerId);
    return { pids: marked.map(({ pid }) => pid), left: marked };
  }
  const pids = await readCgroupPids(system, options.cgroupDir);
  const identities = await Promise.all(pids.map((pid) => options.processes.identify(pid)));
  return { pids, left: identities.filter((identity) => identity !== undefined) };
}
