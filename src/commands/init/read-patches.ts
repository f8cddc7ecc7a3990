import { join, resolve } from "node:path";
import { messageOf, SlipwayError } from "../../core/errors.ts";
import { type Patch, parsePatchFile } from "../../manifests/patches/parse-patch-file.ts";
import type { System } from "../../system/system.ts";

/** The patches of a directory, and a note for each file of it that is none. */
export interface ReadPatches {
  readonly patches: readonly Patch[];
  readonly notes: readonly string[];
}

/**
 * Reads a patch directory with all below it, in the order of the names. Undefined: there is none.
 * Raises SLIPWAY_PATCH_INVALID. Source: kubeadm util/patches/patches.go getPatchSetsFromPath.
 */
export async function readPatches(system: System, dir: string | undefined): Promise<ReadPatches> {
  if (dir === undefined) return { patches: [], notes: [] };
  const paths = await listFiles(system, resolve(dir));
  const files = await Promise.all(
    paths.map(async (path) => parsePatchFile({ path, text: await system.fs.readText(path) })),
  );
  return {
    patches: files.flatMap(({ patches }) => patches),
    notes: files.flatMap(({ note }) => (note === undefined ? [] : [note])),
  };
}

async function listFiles(system: System, dir: string): Promise<readonly string[]> {
  try {
    const paths = (await system.fs.list(dir)).map((name) => join(dir, name));
    const nested = await Promise.all(
      paths.map(async (path) => {
        const status = await system.fs.lstat(path);
        return status?.kind === "directory" ? listFiles(system, path) : [path];
      }),
    );
    return nested.flat();
  } catch (error) {
    if (error instanceof SlipwayError) throw error;
    throw new SlipwayError({
      code: "SLIPWAY_PATCH_INVALID",
      what: `the patch directory ${dir} cannot be read`,
      why: messageOf(error),
      fix: "check patches.directory of the configuration, or --patches",
      cause: error,
    });
  }
}
