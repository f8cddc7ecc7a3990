import { join } from "node:path";
import { describeFileError, messageOf, systemErrorCode, systemErrorPath } from "../../core/errors.ts";
import { unmount } from "../../runtime/mounts.ts";
import type { System } from "../../system/system.ts";
import { leadsOutside } from "../check-inside-root.ts";
import type { Removal } from "./build-reset-plan.ts";

/**
 * Removes one path: what is mounted there, a file or symlink itself, an empty directory, or a tree without ever leaving
 * its file system or following a symlink. What was there before stays, and a shared directory that is not empty. Gives
 * why something could not be removed, or undefined; not that a directory holds what is told by itself, being among the
 * `own` paths that go, too.
 */
export async function removePath(
  system: System,
  { own, ...removal }: Removal & { readonly own?: ReadonlySet<string> },
): Promise<string | undefined> {
  try {
    const status = await system.fs.lstat(removal.path);
    if (status === undefined) return undefined;
    if (removal.kind === "file" || removal.kind === "copy") {
      await system.fs.removeFile(removal.path);
      return undefined;
    }
    if (removal.kind === "mount") {
      await unmount(system, removal.path);
      return undefined;
    }
    if (status.kind !== "directory") return `${removal.path} is no directory any more; it is left`;
    if (removal.kind === "tree") await emptyTree(system, { path: removal.path, dev: status.dev });
    if (removal.keep) return await giveBackMode(system, removal);
    if (removal.kind === "shared-dir") return await removeUnused(system, removal.path);
    if (await system.fs.removeEmptyDir(removal.path)) return undefined;
    const held = (await system.fs.list(removal.path)).map((name) => join(removal.path, name));
    return describeForeign(held.filter((path) => own?.has(path) !== true));
  } catch (error) {
    return messageOf(
      describeFileError(error, { action: "remove", path: systemErrorPath(error) ?? removal.path }),
    );
  }
}

function describeForeign(paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  const names = `${paths.slice(0, 3).join(", ")}${paths.length > 3 ? `, and ${paths.length - 3} more` : ""}`;
  return paths.length === 1
    ? `${names} was not made by Slipway: move it away or remove it`
    : `${names} were not made by Slipway: move them away or remove them`;
}

/** A kubelet mounts its directory on itself. Source: kubelet setupDataDirs, MakeRShared. */
async function removeUnused(system: System, path: string): Promise<undefined> {
  try {
    await system.fs.removeEmptyDir(path);
  } catch (error) {
    if (systemErrorCode(error) !== "EBUSY") throw error;
  }
}

/** The same, unless a link leads from the path's directory out of the root: what lies there is not ours. */
export async function removeBelowRoot(
  system: System,
  {
    root,
    removal,
    own,
  }: { readonly root: string; readonly removal: Removal; readonly own?: ReadonlySet<string> },
): Promise<string | undefined> {
  const { path } = removal;
  if (await leadsOutside(system, { root, path }))
    return `${path} is left: a symbolic link leads from its directory out of the root ${root}`;
  return removePath(system, own === undefined ? removal : { ...removal, own });
}

async function giveBackMode(system: System, { path, modeBefore }: Removal): Promise<undefined> {
  if (modeBefore !== undefined) await system.fs.chmod(path, modeBefore);
  return undefined;
}

/** Removes all that is in a directory but these paths. Raises what the system does, and what is mounted there. */
export async function emptyTree(
  system: System,
  tree: { readonly path: string; readonly dev: number; readonly except?: readonly string[] },
): Promise<void> {
  const names = await system.fs.list(tree.path);
  for (const path of names.map((name) => join(tree.path, name))) {
    const status = tree.except?.includes(path) ? undefined : await system.fs.lstat(path);
    if (status === undefined) continue;
    if (status.kind !== "directory") {
      await system.fs.removeFile(path);
      continue;
    }
    if (status.dev !== tree.dev)
      throw new Error(`${path} is a mount point: unmount it, then run slipway reset again`);
    await emptyTree(system, { path, dev: tree.dev });
    await system.fs.removeEmptyDir(path);
  }
}
