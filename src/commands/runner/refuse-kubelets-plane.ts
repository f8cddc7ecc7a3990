import { readLedger } from "../../apply/ledger.ts";
import { SlipwayError, whenOurs } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { findKubelet } from "../../facts/find-kubelet.ts";
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
    fix: "to give it back to the runner: slipway handoff runner",
  });
}

/** Why a runner has nothing to tell of the pods of a control plane that a kubelet runs; undefined where none is to. */
export async function describeKubeletsPods(
  system: System,
  paths: ClusterPaths,
): Promise<SlipwayError | undefined> {
  // A ledger that cannot be read does not say so, and has a check of its own.
  const ledger = await readLedger(system, paths).catch(whenOurs);
  if (ledger?.runtime !== "external") return undefined;
  const pid = await findKubelet(system, paths);
  return new SlipwayError({
    code: "SLIPWAY_KUBELET_RUNS",
    what: `the pods under ${paths.root} are a kubelet's, not the runner's`,
    why: pid === undefined ? "it was given them, and does not run now" : `it runs as pid ${pid}`,
    fix: `see them with kubectl get pods -A, their containers with crictl ps -a, their logs with slipway logs POD or in ${paths.podLogsDir}; to see how the control plane does: slipway status`,
  });
}
