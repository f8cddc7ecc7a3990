import { connectRunner } from "../control/control-client.ts";
import { SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { ClusterPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { endProcess } from "./end-process.ts";
import { findRunners } from "./find-runners.ts";

/**
 * Ends the runner of a root: it is asked, and one that does not answer is signalled. Pods go on, unless `pods` says
 * otherwise and the runner answers. Tells how it ended. Raises SLIPWAY_RUNNER_RUNNING when it is another user's, and
 * SLIPWAY_RUNNER_MISMATCH.
 */
export async function endRunner(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly pods: boolean;
    /** A process that is to be the next one. */
    readonly except?: number | undefined;
  },
): Promise<"asked" | "signalled" | "none"> {
  const { paths, pods } = options;
  const asked = await ask(system, { paths, pods });
  const pids = (await findRunners(system, paths.root)).filter((pid) => pid !== options.except);
  for (const pid of pids) await signal(system, { pid, root: paths.root });
  if (asked) return "asked";
  return pids.length > 0 ? "signalled" : "none";
}

async function ask(
  system: System,
  { paths, pods }: { readonly paths: ClusterPaths; readonly pods: boolean },
): Promise<boolean> {
  try {
    const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
    await client.stop({ pods });
    return true;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE") return false;
    throw error;
  }
}

async function signal(
  system: System,
  { pid, root }: { readonly pid: number; readonly root: string },
): Promise<void> {
  try {
    await endProcess(system, pid);
  } catch (error) {
    if (systemErrorCode(error) !== "EPERM") throw error;
    throw new SlipwayError({
      code: "SLIPWAY_RUNNER_RUNNING",
      what: `the runner of ${root} (pid ${pid}) cannot be ended`,
      why: "it is another user's",
      fix: `run the command again as that user (ps -o user= -p ${pid})`,
      cause: error,
    });
  }
}
