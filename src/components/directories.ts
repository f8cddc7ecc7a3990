import { dirname, join } from "node:path";
import { describeFileError, SlipwayError } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/**
 * Makes a directory and its missing parents with this mode. One that is there keeps its mode.
 * Raises SLIPWAY_FILE_ACCESS, SLIPWAY_NO_SPACE.
 */
export async function makeDirs(
  system: System,
  options: { readonly path: string; readonly mode: number },
): Promise<void> {
  const { path, mode } = options;
  const status = await system.fs.stat(path).catch((error: unknown) => {
    throw describeFileError(error, { action: "make the directory", path });
  });
  if (status?.kind === "directory") return;
  if (status !== undefined) throw notADirectory(path);
  await makeDirs(system, { path: dirname(path), mode });
  try {
    await system.fs.makeDir(path, { mode });
  } catch (error) {
    throw describeFileError(error, { action: "make the directory", path });
  }
}

/** The size of all files below a path, in bytes; 0 when nothing is there. */
export async function measureTree(system: System, path: string): Promise<number> {
  const status = await system.fs.lstat(path);
  if (status === undefined) return 0;
  if (status.kind !== "directory") return status.sizeBytes;
  let total = 0;
  for (const name of await system.fs.list(path)) total += await measureTree(system, join(path, name));
  return total;
}

function notADirectory(path: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: `cannot make the directory ${path}`,
    why: "something else stands there",
    fix: `move it away (ls -l ${path})`,
  });
}
