import { join } from "node:path";
import { CONTROL_PLANE_COMPONENTS } from "../../core/constants.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { findKubelet } from "../../facts/find-kubelet.ts";
import { findManifestProcesses } from "../../facts/find-manifest-processes.ts";
import type { System } from "../../system/system.ts";
import { removeManifest } from "../remove-manifest.ts";

/**
 * Takes the manifests from the kubelet that runs them, etcd's last, each until its process has ended: else etcd would
 * lose its data while it runs. Nothing is done where none of it runs.
 * Raises SLIPWAY_RESET_INCOMPLETE when there is no kubelet that could stop what runs, and SLIPWAY_WAIT_TIMEOUT.
 */
export async function stopKubeletsPods(
  system: System,
  options: { readonly paths: ClusterPaths; readonly onWait: (detail: string) => void },
): Promise<void> {
  const { manifestDir } = options.paths;
  for (const component of CONTROL_PLANE_COMPONENTS.toReversed()) {
    const path = join(manifestDir, `${component}.yaml`);
    const manifest = await system.fs.readTextIfExists(path);
    const pids = manifest === undefined ? [] : await findManifestProcesses(system, manifest);
    if (manifest === undefined || pids.length === 0) continue;
    if ((await findKubelet(system, { manifestDir })) === undefined) throw noKubeletError(component, pids);
    const signal = new AbortController().signal;
    await removeManifest(system, { ...options, path, manifest, signal });
  }
}

function noKubeletError(component: string, pids: readonly number[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_RESET_INCOMPLETE",
    what: `${component} (pid ${pids.join(", ")}) runs, and reset has removed nothing`,
    why: "a kubelet has started it, and none runs that could stop it",
    fix: "start the kubelet (systemctl start kubelet) or remove its containers (crictl rmp --all --force), then reset",
  });
}
