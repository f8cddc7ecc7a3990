import { constants } from "node:fs";
import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** Ours: far more than any configuration, and little enough to read at once. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A pipe that nobody writes to must not hold this process up. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The text of a file that somebody else has named; undefined where nothing is. Raises SLIPWAY_FILE_ACCESS, also for what
 * is no regular file or larger than 4 MiB.
 */
export async function readSmallFile(system: Pick<System, "fs">, path: string): Promise<string | undefined> {
  try {
    // A device may act on being opened.
    const status = await system.fs.stat(path);
    if (status === undefined) return undefined;
    if (status.kind !== "file") throw refusal(path, "it is no regular file");
    const handle = await system.fs.open(path, { flags: OPEN_FLAGS });
    try {
      const opened = await handle.stat();
      if (!opened.isFile()) throw refusal(path, "it is no regular file");
      if (opened.size > MAX_BYTES) throw refusal(path, "it is larger than 4 MiB");
      return await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw describeFileError(error, { action: "read", path });
  }
}

function refusal(path: string, why: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `cannot read ${path}`,
    why,
    fix: `check the path (ls -ld ${path}), or stop the process that names it`,
  });
}
