import { dirname, join } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** Processes that were killed leave their cgroup within milliseconds; one that hangs in the kernel does not. Ours. */
const BUSY_TIMEOUT_MS = 2_000;

type Tools = Pick<System, "fs" | "clock">;

/**
 * Removes a container's cgroup with those that the container has made in it, and its parents with their last child.
 * Not there: nothing happens. Rejects with the system's EBUSY when processes stay in it.
 */
export async function removeCgroup(system: Tools, dir: string): Promise<void> {
  for (const each of (await listCgroupTree(system, dir)).toReversed()) await removeSoon(system, each);
  const podDir = dirname(dir);
  for (const parent of [podDir, dirname(podDir)]) await removeUnused(system, parent);
}

/** Removes a directory of cgroups; false when it is not there or something is in it. */
export async function removeUnused(system: Pick<System, "fs">, dir: string): Promise<boolean> {
  try {
    return await system.fs.removeEmptyDir(dir);
  } catch (error) {
    if (systemErrorCode(error) === "EBUSY") return false;
    throw error;
  }
}

async function removeSoon(system: Tools, dir: string): Promise<void> {
  const deadlineMs = system.clock.monotonicMs() + BUSY_TIMEOUT_MS;
  for (let pauseMs = 1; ; pauseMs *= 2) {
    try {
      await system.fs.removeEmptyDir(dir);
      return;
    } catch (error) {
      if (systemErrorCode(error) !== "EBUSY" || system.clock.monotonicMs() > deadlineMs) throw error;
    }
    await system.clock.sleep(pauseMs);
  }
}

/** A cgroup and all below it, parents before their children; none when it is not there. */
export async function listCgroupTree(system: Pick<System, "fs">, dir: string): Promise<readonly string[]> {
  const status = await system.fs.stat(dir);
  if (status === undefined) return [];
  // Each child is a link more; so nothing is listed where nobody has made any.
  if (status.linkCount <= 2) return [dir];
  const children: string[] = [];
  for (const name of await listGone(system, dir)) {
    const path = join(dir, name);
    if ((await system.fs.lstat(path))?.kind === "directory") children.push(path);
  }
  return [dir, ...(await Promise.all(children.map((child) => listCgroupTree(system, child)))).flat()];
}

/** What is in a cgroup that may be gone, also since it was seen. */
export async function listGone(system: Pick<System, "fs">, dir: string): Promise<readonly string[]> {
  try {
    return await system.fs.list(dir);
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes(systemErrorCode(error) ?? "")) return [];
    throw error;
  }
}
