import { SlipwayError } from "../../core/errors.ts";
import { escapeControls } from "../../core/escape-controls.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { quoteShell } from "../../core/quote-shell.ts";
import { findOtherRunners } from "../../facts/find-other-runners.ts";
import type { KubeletConfiguration } from "../../runner/types.ts";
import type { System } from "../../system/system.ts";

/**
 * Raises SLIPWAY_RUNNER_RUNNING or SLIPWAY_KUBELET_RUNS where a runner of another root, or a kubelet, runs the manifests
 * of this runner's directory: two would run every pod twice. One of another user but root, or whose configuration this
 * user may not read, is not seen.
 */
export async function refuseServedPlace(
  system: System,
  options: { readonly paths: ClusterPaths; readonly kubelet: KubeletConfiguration },
): Promise<void> {
  const { root } = options.paths;
  const { staticPodPath } = options.kubelet;
  if (staticPodPath === undefined) return;
  const found = await findOtherRunners(system, { manifestDir: staticPodPath });
  // A second runner of this root is kept out by the root's lock.
  const other = found.find((runner) => runner.root !== root);
  if (other === undefined) return;
  const { pid, root: otherRoot } = other;
  const isKubelet = otherRoot === undefined;
  throw new SlipwayError({
    code: isKubelet ? "SLIPWAY_KUBELET_RUNS" : "SLIPWAY_RUNNER_RUNNING",
    what: `no runner is started on ${root}: the static pods in ${staticPodPath} are run already`,
    why: `${isKubelet ? "a kubelet" : `the runner of ${escapeControls(otherRoot)}`} (pid ${pid}) runs them, and two would run every pod twice`,
    fix: isKubelet
      ? `stop it (systemctl disable --now kubelet, or kill ${pid}), or name another directory`
      : `name another directory; or end the other with its pods: slipway runner stop --root ${quoteShell(otherRoot)} --pods`,
  });
}
