import { constants } from "node:fs";
import { describeFileError, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";

/** Notes that a reset of everything begins. Not where it takes a disk that is full: to reset, no room is needed. */
export async function markReset(system: System, paths: ClusterPaths): Promise<void> {
  if ((await system.fs.stat(paths.ledgerPath)) === undefined) return;
  try {
    await system.fs.appendText(paths.resetMarkPath, { text: "", mode: 0o600 });
  } catch (error) {
    const told = describeFileError(error, { action: "write", path: paths.resetMarkPath });
    if (!(told instanceof SlipwayError) || told.code !== "SLIPWAY_NO_SPACE") throw told;
  }
}

/** Notes that it has come to its end with something left. On a disk that takes no change the mark stays, too. */
export async function unmarkReset(system: System, paths: ClusterPaths): Promise<void> {
  try {
    await system.fs.removeFile(paths.resetMarkPath);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
  }
}

/**
 * Whether a reset was cut off, or is at work: then what is left is no control plane to go on with. False where we may
 * not look.
 */
export function isResetCutOff(system: System, paths: ClusterPaths): Promise<boolean> {
  return system.fs.access(paths.resetMarkPath, constants.F_OK);
}
