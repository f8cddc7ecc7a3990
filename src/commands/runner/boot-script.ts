import { buildPaths } from "../../core/paths.ts";
import { formatBootScript, type InitSystem } from "../../plan/boot/boot-scripts.ts";
import type { System } from "../../system/system.ts";
import { runnerProgram } from "./standby.ts";

/** The text that makes an init system start the runner of a root at boot. */
export function runBootScript(
  system: Pick<System, "host">,
  options: { readonly root: string; readonly init: InitSystem },
): string {
  const { root, init } = options;
  const { runnerLogPath } = buildPaths({ root, uid: system.host.uid });
  return formatBootScript(init, { command: runnerProgram(), root, logPath: runnerLogPath });
}
