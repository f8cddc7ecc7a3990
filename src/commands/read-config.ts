import { messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** The text of a configuration file. Raises SLIPWAY_CONFIG_UNREADABLE. */
export async function readConfig(system: System, path: string): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    const missing = systemErrorCode(error) === "ENOENT";
    throw new SlipwayError({
      code: "SLIPWAY_CONFIG_UNREADABLE",
      what: `the configuration file ${path} cannot be read`,
      why: missing ? "there is no such file" : messageOf(error),
      fix: missing ? "check the path given with --config" : `check its permissions: ls -l ${path}`,
      cause: error,
    });
  }
}
