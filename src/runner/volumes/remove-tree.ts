import { join } from "node:path";
import type { System } from "../../system/system.ts";

/** Removes a directory and what is in it; follows no link and crosses no mount point. Missing: nothing to do. */
export async function removeTree(system: Pick<System, "fs">, path: string): Promise<void> {
  const top = await system.fs.lstat(path);
  if (top?.kind === "directory") await removeBelow(system, { path, dev: top.dev });
}

async function removeBelow(
  system: Pick<System, "fs">,
  tree: { readonly path: string; readonly dev: number },
): Promise<void> {
  for (const name of await system.fs.list(tree.path)) {
    const path = join(tree.path, name);
    const seen = await system.fs.lstat(path);
    if (seen?.kind !== "directory") await system.fs.removeFile(path);
    else if (seen.dev === tree.dev) await removeBelow(system, { path, dev: tree.dev });
  }
  await system.fs.removeEmptyDir(tree.path);
}
