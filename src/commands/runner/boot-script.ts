import { buildPaths } from "../../core/paths.ts";
import { formatBootScript, type InitSystem } from "../../plan/boot/boot-scripts.ts";
import { sumShutdownPeriods } from "../../runner/settings/shutdown-periods.ts";
import type { System } from "../../system/system.ts";
import { findRunnerConfig } from "./find-runner-config.ts";
import { runnerProgram } from "./standby.ts";

/**
 * The text that makes an init system start the runner of a root at boot, and wait for its pods when the machine goes
 * down as long as its configuration says. Raises what is wrong with that; there may be none yet.
 */
export async function runBootScript(
  system: System,
  options: { readonly root: string; readonly init: InitSystem },
): Promise<string> {
  const { root, init } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const periods = (await findRunnerConfig(system, paths))?.kubelet.shutdownPeriods ?? [];
  return formatBootScript(init, {
    command: runnerProgram(),
    root,
    logPath: paths.runnerLogPath,
    shutdownSeconds: sumShutdownPeriods(periods),
  });
}
