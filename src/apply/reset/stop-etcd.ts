import { connectRunner } from "../../control/control-client.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import type { ReadReset } from "./read-reset-plan.ts";
import { stopEverything } from "./stop-everything.ts";

/** etcd's grace is 30 s; what comes after is short. */
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 100;

/**
 * Stops the local etcd alone: its manifest goes first, so that a runner stops it and starts it no more; without a
 * runner it is stopped by its record. Raises SLIPWAY_WAIT_TIMEOUT, and what the runner's control socket raises.
 */
export async function stopEtcd(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly reset: ReadReset;
    readonly onWait: (detail: string) => void;
  },
): Promise<void> {
  const { paths, reset, onWait } = options;
  const { manifestPath } = reset.etcd;
  await system.fs.removeFile(manifestPath);
  if (reset.runnerPids.length === 0) {
    await stopEverything(system, { paths, plan: reset.plan, onWait, only: "etcd" });
    return;
  }
  onWait("the runner stops etcd");
  const client = await connectRunner(system, { socketPath: paths.controlSocketPath, root: paths.root });
  const deadlineMs = system.clock.monotonicMs() + STOP_TIMEOUT_MS;
  while ((await client.pods()).some(({ origin }) => origin === manifestPath)) {
    if (system.clock.monotonicMs() > deadlineMs) throw describeTimeout(manifestPath);
    await system.clock.sleep(POLL_MS);
  }
}

function describeTimeout(manifestPath: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_WAIT_TIMEOUT",
    what: `etcd still runs ${STOP_TIMEOUT_MS / 1000} s after its manifest ${manifestPath} was removed`,
    why: "the runner has not stopped it",
    fix: "reset all of it, which stops everything with or without the runner; to see what it does: slipway events",
  });
}
