import type { ClusterPaths } from "../../core/paths.ts";
import type { KubeletConfiguration } from "../../runner/types.ts";
import type { System } from "../../system/system.ts";
import { readRunnerConfig } from "./read-runner-config.ts";
import { readStandaloneConfig } from "./read-standalone-config.ts";
import { recallFlags } from "./remembered-flags.ts";

/**
 * What a runner of this root would read: what init has written, or the last one's flags; undefined where neither has
 * been. Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_CONFIG_UNREADABLE and SLIPWAY_FILE_ACCESS.
 */
export async function findRunnerConfig(
  system: System,
  paths: ClusterPaths,
): Promise<{ readonly mode: "plane" | "standalone"; readonly kubelet: KubeletConfiguration } | undefined> {
  if ((await system.fs.stat(paths.runnerConfigPath)) !== undefined)
    return { mode: "plane", kubelet: (await readRunnerConfig(system, paths)).kubelet };
  const flags = await recallFlags(system, paths);
  if (flags === undefined) return undefined;
  const { config } = await readStandaloneConfig(system, { paths, flags });
  return { mode: "standalone", kubelet: config.kubelet };
}
