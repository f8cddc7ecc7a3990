import { join } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";

/** Keeps track of what a container's processes start, whatever session or parent they give themselves. */
export interface Cgroups {
  /** Where the container's cgroup will be; to be written down before it is made. */
  dirOf(containerId: string): string;
}

/** The directory below the hierarchy's root that holds one cgroup a container. */
const PARENT_NAME = "slipway";

/**
 * The hierarchy that containers are tracked in: version 2 where it is mounted (it can kill a whole cgroup), else
 * that of the pids controller; undefined when no cgroup can be made here.
 */
export async function observeCgroups(system: System): Promise<Cgroups | undefined> {
  const mounts = (await system.fs.readTextIfExists("/proc/self/mountinfo")) ?? "";
  for (const mountPoint of selectHierarchies(mounts)) {
    const parent = join(mountPoint, PARENT_NAME);
    try {
      const made = await system.fs.makeDir(parent, { mode: 0o755 });
      const writable = made || (await isOurs(system, parent));
      if (made) await removeCgroupDir(system, parent);
      if (writable) return { dirOf: (containerId) => join(parent, containerId) };
    } catch (error) {
      if (!["EACCES", "EPERM", "EROFS", "ENOENT"].includes(systemErrorCode(error) ?? "")) throw error;
    }
  }
  return undefined;
}

/** Mount points that can track processes, best first. Source: proc(5) mountinfo. */
export function selectHierarchies(mountinfo: string): readonly string[] {
  const mounts = mountinfo.split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type = "", , options = ""] = after.split(" ");
    return { mountPoint: unescapeMount(before.split(" ")[4] ?? ""), type, options: options.split(",") };
  });
  const unified = mounts.filter((mount) => mount.type === "cgroup2");
  const pids = mounts.filter((mount) => mount.type === "cgroup" && mount.options.includes("pids"));
  return [...unified, ...pids].map((mount) => mount.mountPoint);
}

/** Makes a container's cgroup. Its parent may be removed by another runtime at any moment, so it is tried again. */
export async function makeCgroup(system: System, dir: string): Promise<void> {
  const parent = join(dir, "..");
  for (let attempt = 1; ; attempt += 1) {
    await system.fs.makeDir(parent, { mode: 0o755 });
    try {
      await system.fs.makeDir(dir, { mode: 0o755 });
      return;
    } catch (error) {
      if (systemErrorCode(error) !== "ENOENT" || attempt === 3) throw error;
    }
  }
}

/** The pids in a cgroup; none when it does not exist. */
export async function readCgroupPids(system: System, dir: string): Promise<readonly number[]> {
  try {
    const text = await system.fs.readText(join(dir, "cgroup.procs"));
    return text.split("\n").filter(Boolean).map(Number);
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes(systemErrorCode(error) ?? "")) return [];
    throw error;
  }
}

/** Kills everything in a cgroup at once; false where the kernel cannot (version 1, or before Linux 5.14). */
export async function killCgroup(system: System, dir: string): Promise<boolean> {
  const killPath = join(dir, "cgroup.kill");
  if ((await system.fs.stat(killPath)) === undefined) return false;
  await system.fs.appendText(killPath, { text: "1", mode: 0o200 });
  return true;
}

/** Removes a container's cgroup, and the parent with the last one. Not there: nothing happens. */
export async function removeCgroup(system: System, dir: string): Promise<void> {
  await removeCgroupDir(system, dir);
  await removeCgroupDir(system, join(dir, ".."));
}

async function removeCgroupDir(system: System, dir: string): Promise<void> {
  try {
    await system.fs.removeEmptyDir(dir);
  } catch (error) {
    if (systemErrorCode(error) !== "EBUSY") throw error;
  }
}

async function isOurs(system: System, dir: string): Promise<boolean> {
  return (await system.fs.stat(dir))?.uid === system.host.uid;
}

function unescapeMount(path: string): string {
  return path.replace(/\\(\d{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
