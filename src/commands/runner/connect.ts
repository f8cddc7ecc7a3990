import { type ControlClient, connectRunner } from "../../control/control-client.ts";
import { SlipwayError } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
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
    throw (await describeKubeletsPods(system, paths)) ?? error;
  }
}

/** Whether a failure is that no runner answers. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE";
}
