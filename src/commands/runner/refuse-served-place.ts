import { SlipwayError } from "../../core/errors.ts";
import { escapeControls } from "../../core/escape-controls.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { quoteShown } from "../../core/quote-shell.ts";
import { findOtherRunners } from "../../facts/find-other-runners.ts";
import { whenReadable } from "../../facts/list-processes.ts";
import type { KubeletConfiguration } from "../../runner/types.ts";
import { parseProcessStat } from "../../runtime/processes.ts";
import type { System } from "../../system/system.ts";

/**
 * Raises SLIPWAY_RUNNER_RUNNING or SLIPWAY_KUBELET_RUNS where a runner of another root, or a kubelet, runs the manifests
 * of this runner's directory: two would run every pod twice. One of another user but root, or whose configuration this
 * user may not read, is not seen. Of two runners that start at once the later one is refused: it is given time to see so.
 */
export async function refuseServedPlace(
  system: System,
  options: { readonly paths: ClusterPaths; readonly kubelet: KubeletConfiguration },
): Promise<void> {
  const { root } = options.paths;
  const { staticPodPath } = options.kubelet;
  if (staticPodPath === undefined) return;
  const deadlineMs = system.clock.monotonicMs() + YIELDING_MS;
  for (;;) {
    const found = await findOtherRunners(system, { manifestDir: staticPodPath });
    // A second runner of this root is kept out by the root's lock.
    const other = found.find((runner) => runner.root !== root);
    if (other === undefined) return;
    const mayYield = other.root !== undefined && (await isLater(system, other.pid));
    if (!mayYield || system.clock.monotonicMs() >= deadlineMs)
      throw servedError({ ...other, thisRoot: root, staticPodPath });
    await system.clock.sleep(POLL_MS);
  }
}

/** A runner that starts sees another and ends within this; ours, ten times what it takes. */
const YIELDING_MS = 5_000;
const POLL_MS = 50;

/** Whether a process began after this one, or has ended by now. */
async function isLater(system: System, pid: number): Promise<boolean> {
  const its = await readStartTicks(system, pid);
  const ours = (await readStartTicks(system, system.host.pid)) ?? 0;
  return its === undefined || its > ours || (its === ours && pid > system.host.pid);
}

async function readStartTicks(system: System, pid: number): Promise<number | undefined> {
  const stat = parseProcessStat((await whenReadable(system.fs.readText(`/proc/${pid}/stat`))) ?? "");
  return stat === undefined ? undefined : Number(stat.startTicks);
}

function servedError(served: {
  readonly pid: number;
  /** Of a runner. */
  readonly root: string | undefined;
  readonly thisRoot: string;
  readonly staticPodPath: string;
}): SlipwayError {
  const { pid, root: otherRoot, thisRoot, staticPodPath } = served;
  const isKubelet = otherRoot === undefined;
  return new SlipwayError({
    code: isKubelet ? "SLIPWAY_KUBELET_RUNS" : "SLIPWAY_RUNNER_RUNNING",
    what: `no runner is started on ${thisRoot}: the static pods in ${staticPodPath} are run already`,
    why: `${isKubelet ? "a kubelet" : `the runner of ${escapeControls(otherRoot)}`} (pid ${pid}) runs them, and two would run every pod twice`,
    fix: isKubelet
      ? `stop it (systemctl disable --now kubelet, or kill ${pid}), or name another directory`
      : `name another directory; or end the other with its pods: slipway runner stop --root ${quoteShown(otherRoot)} --pods`,
  });
}
