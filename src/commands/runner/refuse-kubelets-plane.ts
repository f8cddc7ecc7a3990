import { readLedger } from "../../apply/ledger.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";

/**
 * Raises SLIPWAY_KUBELET_RUNS for a control plane that a kubelet runs: a runner beside it would start every pod twice.
 */
export async function refuseKubeletsPlane(system: System, paths: ClusterPaths): Promise<void> {
  if ((await readLedger(system, paths))?.runtime !== "external") return;
  throw new SlipwayError({
    code: "SLIPWAY_KUBELET_RUNS",
    what: `no runner is started on ${paths.root}`,
    why: "a kubelet runs the control plane there, and both would run every pod twice",
    fix: "slipway handoff runner gives it back to the runner",
  });
}
