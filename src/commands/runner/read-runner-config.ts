import { describeFileError, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { listOtherRoots } from "../../facts/find-slipway-root.ts";
import { parseRunnerConfig } from "../../runner/settings/parse-runner-config.ts";
import type { System } from "../../system/system.ts";
import { describeOtherRoots } from "./describe-other-roots.ts";

/**
 * The runner's configuration of a root, checked. Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS, and
 * SLIPWAY_RUNNER_UNREACHABLE where there is none because init never came so far.
 */
export async function readRunnerConfig(
  system: System,
  paths: ClusterPaths,
): Promise<ReturnType<typeof parseRunnerConfig>> {
  const path = paths.runnerConfigPath;
  try {
    return parseRunnerConfig({ text: await system.fs.readText(path), path });
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") throw await noPlaneError(system, paths);
    throw describeFileError(error, { action: "read the runner's configuration", path });
  }
}

/** Whether init, or a runner without it, has been at work on a root. */
export async function hasPlane(system: System, paths: ClusterPaths): Promise<boolean> {
  const traces = [paths.runnerConfigPath, paths.runnerFlagsPath, paths.ledgerPath, paths.containersDir];
  try {
    return (await Promise.all(traces.map((path) => system.fs.stat(path)))).some(
      (found) => found !== undefined,
    );
  } catch (error) {
    throw describeFileError(error, { action: "look into", path: paths.stateDir });
  }
}

/** Nothing can be asked of a root that holds no control plane; another one may be meant. */
export async function noPlaneError(system: System, paths: ClusterPaths): Promise<SlipwayError> {
  const others = describeOtherRoots(await listOtherRoots(system, paths));
  return new SlipwayError({
    code: "SLIPWAY_RUNNER_UNREACHABLE",
    what: `there is no control plane under ${paths.root}`,
    why: `${paths.runnerConfigPath} does not exist`,
    fix: `${others === undefined ? "" : `${others}. Else `}name another place with --root, or do without (slipway runner run --pod-manifest-path=DIR), or set one up: slipway init`,
  });
}
