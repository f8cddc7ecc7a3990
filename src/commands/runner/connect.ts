import { findRunners } from "../../apply/find-runners.ts";
import { type ControlClient, connectRunner } from "../../control/control-client.ts";
import { type Problem, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { isSuspended } from "../../facts/is-suspended.ts";
import type { System } from "../../system/system.ts";
import { hasPlane, noPlaneError } from "./read-runner-config.ts";
import { describeKubeletsPods } from "./refuse-kubelets-plane.ts";

/**
 * A connection to the runner of a root. Raises SLIPWAY_RUNNER_UNREACHABLE, also where there is no control plane, and
 * SLIPWAY_KUBELET_RUNS where there is none because a kubelet runs the pods.
 */
export async function connect(system: System, options: { readonly root: string }): Promise<ControlClient> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  try {
    return await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
  } catch (error) {
    if (!isUnreachable(error)) throw error;
    if (!(await hasPlane(system, paths))) throw await noPlaneError(system, paths);
    throw (
      (await describeKubeletsPods(system, paths)) ??
      (await describeSilence(system, { root: paths.root, error }))
    );
  }
}

/** With what has become of the runner's process. */
async function describeSilence(
  system: System,
  { root, error }: { readonly root: string; readonly error: SlipwayError },
): Promise<SlipwayError> {
  const { code, what, why, fix, cause } = error;
  const [pid] = await findRunners(system, root);
  if (pid === undefined) {
    const nobody = ["ENOENT", "ECONNREFUSED"].includes(systemErrorCode(cause) ?? "");
    return nobody ? new SlipwayError({ code, what, why: `it does not run: ${why}`, fix, cause }) : error;
  }
  const told = (await isSuspended(system, pid))
    ? describeSuspendedRunner(pid)
    : {
        why: `pid ${pid} runs, but does not answer: ${why}`,
        fix: "pods that run go on; to replace it: slipway runner restart",
      };
  return new SlipwayError({ code, what, ...told, cause });
}

/** Of a runner that somebody has suspended. */
export function describeSuspendedRunner(pid: number): Problem {
  return {
    why: `pid ${pid} does nothing: somebody has stopped it (SIGSTOP, state T)`,
    fix: `pods that run go on; to wake it: kill -CONT ${pid}`,
  };
}

/** Whether a failure is that no runner answers. */
export function isUnreachable(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE";
}
