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
    const left = await findLeft(system, options);
    if (left.length === 0) return pauseMs > FIRST_PAUSE_MS;
    if (system.clock.monotonicMs() > deadlineMs) {
      const pids = left.map(({ pid }) => pid).join(",");
      system.log.warn("processes of an ended container do not die", { container: options.containerId, pids });
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

async function findLeft(
  system: System,
  options: {
    readonly processes: Processes;
    readonly containerId: string;
    readonly cgroupDir: string | undefined;
  },
): Promise<readonly ProcessIdentity[]> {
  if (options.cgroupDir === undefined) return options.processes.findMarked(options.containerId);
  const pids = await readCgroupPids(system, options.cgroupDir);
  const identities = await Promise.all(pids.map((pid) => options.processes.identify(pid)));
  return identities.filter((identity) => identity !== undefined);
}
