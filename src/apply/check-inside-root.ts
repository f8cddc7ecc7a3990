import { dirname, join } from "node:path";
import { SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { LedgerEntry } from "./ledger.ts";

/**
 * Whether the directory that a path below the root is in lies elsewhere, because a link leads there. What is at the path
 * itself is not looked at: files are replaced and removed without following it.
 */
export async function leadsOutside(
  system: Pick<System, "fs">,
  options: { readonly root: string; readonly path: string },
): Promise<boolean> {
  const { root, path } = options;
  if (root === "/" || !path.startsWith(`${root}/`)) return false;
  const top = await realPathIfExists(system, root);
  if (top === undefined) return false;
  let dir = dirname(path);
  while (dir !== root && (await system.fs.lstat(dir).catch(whenNoDirectory)) === undefined)
    dir = dirname(dir);
  const real = await realPathIfExists(system, dir);
  return real !== top && real?.startsWith(`${top}/`) !== true;
}

/**
 * Raises SLIPWAY_FILE_ACCESS when something that is to be made below the root would come to lie elsewhere: whoever may
 * write below it could else have a file of root's replaced. A directory is meant with what it will hold.
 */
export async function checkInsideRoot(
  system: Pick<System, "fs">,
  {
    root,
    entries,
  }: { readonly root: string; readonly entries: readonly Pick<LedgerEntry, "kind" | "path">[] },
): Promise<void> {
  const dirs = entries.map(({ kind, path }) => (kind === "file" || kind === "copy" ? dirname(path) : path));
  for (const dir of new Set(dirs)) {
    if (!(await leadsOutside(system, { root, path: join(dir, "any") }))) continue;
    throw new SlipwayError({
      code: "SLIPWAY_FILE_ACCESS",
      what: `${dir} is not used`,
      why: `a symbolic link leads from it out of the root ${root}`,
      fix: `put a directory in the link's place; to have it on another disk, mount that there: mount --bind DIR ${dir}`,
    });
  }
}

async function realPathIfExists(system: Pick<System, "fs">, path: string): Promise<string | undefined> {
  try {
    return await system.fs.realPath(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}

function whenNoDirectory(error: unknown): undefined {
  if (systemErrorCode(error) !== "ENOTDIR") throw error;
}
