import { describeFileError, SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import { formatFlags, type KubeletFlags, parseFlags } from "./kubelet-flags.ts";
import { makeStandaloneState } from "./standalone-state.ts";

/**
 * Keeps what a runner without a control plane was started with, readable by its user alone: a header of the manifest's
 * source may be a credential. Raises SLIPWAY_FILE_ACCESS.
 */
export async function rememberFlags(
  system: System,
  { paths, flags }: { readonly paths: ClusterPaths; readonly flags: KubeletFlags },
): Promise<void> {
  const path = paths.runnerFlagsPath;
  const words = formatFlags(flags, { workingDir: system.host.workingDir(), masked: false });
  const text = `${JSON.stringify(words, undefined, 2)}\n`;
  try {
    await makeStandaloneState(system, paths);
    if ((await system.fs.readTextIfExists(path)) === text) return;
    await system.fs.writeAtomic(path, { data: text, mode: 0o600 });
  } catch (error) {
    throw describeFileError(error, { action: "write", path });
  }
}

/**
 * What the last runner of a root was started with; undefined where none was. Raises SLIPWAY_CONFIG_INVALID and
 * SLIPWAY_FILE_ACCESS.
 */
export async function recallFlags(
  system: Pick<System, "fs">,
  paths: ClusterPaths,
): Promise<KubeletFlags | undefined> {
  const path = paths.runnerFlagsPath;
  try {
    const text = await system.fs.readTextIfExists(path);
    if (text === undefined) return undefined;
    const words: unknown = JSON.parse(text);
    return parseFlags(Array.isArray(words) ? words.map(String) : []);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw describeFileError(error, { action: "read", path });
    throw new SlipwayError({
      code: "SLIPWAY_CONFIG_INVALID",
      what: `what the runner was started with cannot be read from ${path}`,
      why: error.message,
      fix: "start it with its flags again: slipway runner run --pod-manifest-path=DIR",
    });
  }
}
