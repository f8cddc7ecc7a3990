import { messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** What is wrong with the path itself. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
};

/** The text of a configuration file. Raises SLIPWAY_CONFIG_UNREADABLE. */
export async function readConfig(system: System, path: string): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    const code = systemErrorCode(error);
    const wrongPath = CAUSES[code ?? ""];
    throw new SlipwayError({
      code: "SLIPWAY_CONFIG_UNREADABLE",
      what: `the configuration file ${path} cannot be read`,
      why: wrongPath ?? messageOf(error),
      fix: wrongPath === undefined ? `check its permissions: ls -l ${path}` : "check the path that was given",
      cause: error,
    });
  }
}
