import { dirname, join } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { asksFor, buildSettings, CONTROLLERS, type Controller } from "./cgroup-settings.ts";
import type { ContainerResources, ResourceLimits } from "./isolation.ts";
import { listCgroupTree, listGone, removeUnused } from "./remove-cgroup.ts";

/** One hierarchy of cgroups in which directories can be made, with those of our controllers that it has. */
export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  readonly controllers: readonly Controller[];
}

/** A container's cgroup in one hierarchy: `<mount point>/slipway/pod<uid>/<container id>`. */
export interface ContainerCgroup {
  readonly dir: string;
  readonly version: 1 | 2;
  readonly controllers: readonly Controller[];
}

/** The directory below a hierarchy's root that holds one directory a pod. */
const PARENT_NAME = "slipway";

/**
 * The hierarchies that containers live in: version 2 first where it is mounted, for it can kill a whole cgroup and so
 * tracks whatever a container starts; then those of version 1 that have our controllers. Empty where none can be used.
 */
export async function observeCgroups(system: System): Promise<readonly Hierarchy[]> {
  const mounts = (await system.fs.readTextIfExists("/proc/self/mountinfo")) ?? "";
  const found: Hierarchy[] = [];
  const without = (controllers: readonly Controller[]): readonly Controller[] =>
    controllers.filter((name) => !found.some((other) => other.controllers.includes(name)));
  for (const { mountPoint, version, controllers } of selectHierarchies(mounts)) {
    if (version === 2 && found.some((other) => other.version === 2)) continue;
    const own = without(version === 2 ? await readControllers(system, mountPoint) : controllers);
    if ((version === 1 && own.length === 0) || !(await isUsable(system, mountPoint))) continue;
    found.push({ mountPoint, version, controllers: own });
  }
  return found;
}

/**
 * The cgroups of a container; to be written down before they are made. A hierarchy that only counts processes is left
 * out when nobody asked: each costs a start about a millisecond. Memory is counted always, to tell who ran out of it.
 */
export function planCgroups(
  hierarchies: readonly Hierarchy[],
  options: {
    readonly containerId: string;
    readonly podUid: string;
    readonly resources?: ContainerResources;
  },
): readonly ContainerCgroup[] {
  const { containerId, podUid, resources } = options;
  const counted = resources !== undefined && asksFor(resources, "pids");
  const needed = hierarchies.filter(
    ({ controllers }, index) => index === 0 || counted || controllers.some((name) => name !== "pids"),
  );
  return needed.map(({ mountPoint, version, controllers }) => ({
    dir: join(mountPoint, PARENT_NAME, `pod${podUid}`, containerId),
    version,
    controllers,
  }));
}

/** The cgroups of a container whose record is lost: the first one tracks its processes. */
export async function findCgroupDirs(
  system: Pick<System, "fs">,
  options: { readonly hierarchies: readonly Hierarchy[]; readonly containerId: string },
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { mountPoint } of options.hierarchies) {
    const parent = join(mountPoint, PARENT_NAME);
    for (const pod of (await listGone(system, parent)).filter((name) => name.startsWith("pod"))) {
      const dir = join(parent, pod, options.containerId);
      if ((await system.fs.stat(dir)) !== undefined) found.push(dir);
    }
  }
  return found;
}

/** Mount points with version 2 first, then version 1's with our controllers. Source: proc(5) mountinfo. */
export function selectHierarchies(mountinfo: string): readonly Hierarchy[] {
  const mounts = mountinfo.split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type = "", , options = ""] = after.split(" ");
    return { mountPoint: unescapeMount(before.split(" ")[4] ?? ""), type, options: options.split(",") };
  });
  const second = mounts
    .filter(({ type }) => type === "cgroup2")
    .map(({ mountPoint }) => ({ mountPoint, version: 2 as const, controllers: [] }));
  const first = mounts
    .filter(({ type }) => type === "cgroup")
    .map(({ mountPoint, options }) => ({
      mountPoint,
      version: 1 as const,
      controllers: CONTROLLERS.filter((name) => options.includes(name)),
    }))
    .filter(({ controllers }) => controllers.length > 0);
  return [...second, ...first];
}

/**
 * Makes a container's cgroup and sets its limits and its pod's. Rejects with the system's error when a limit is
 * refused. The parents may be removed by another runtime at any moment, so it is tried again.
 */
export async function makeCgroup(
  system: System,
  options: { readonly cgroup: ContainerCgroup; readonly resources: ContainerResources | undefined },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await makeLevels(system, options);
      return;
    } catch (error) {
      if (!["ENOENT", "ENODEV"].includes(systemErrorCode(error) ?? "") || attempt === 3) throw error;
    }
  }
}

async function makeLevels(
  system: System,
  options: { readonly cgroup: ContainerCgroup; readonly resources: ContainerResources | undefined },
): Promise<void> {
  const { cgroup, resources } = options;
  const podDir = dirname(cgroup.dir);
  const parentDir = dirname(podDir);
  await delegate(system, { cgroup, dir: dirname(parentDir) });
  if (await system.fs.makeDir(parentDir, { mode: 0o755 })) {
    // Like the kubelet's kubepods: all pods together weigh as much as the machine has CPUs.
    const limits = { cpuShares: system.host.cpuCount() * 1024 };
    await writeLimits(system, { dir: parentDir, cgroup, limits, level: "pod" });
  }
  await delegate(system, { cgroup, dir: parentDir });
  await system.fs.makeDir(podDir, { mode: 0o755 });
  if (resources !== undefined)
    await writeLimits(system, { dir: podDir, cgroup, limits: resources.pod, level: "pod" });
  await delegate(system, { cgroup, dir: podDir });
  await system.fs.makeDir(cgroup.dir, { mode: 0o755 });
  if (resources !== undefined)
    await writeLimits(system, { dir: cgroup.dir, cgroup, limits: resources.container, level: "container" });
}

/** Lets what lies below have the controllers; version 1 always does. */
async function delegate(
  system: System,
  { cgroup, dir }: { readonly cgroup: ContainerCgroup; readonly dir: string },
): Promise<void> {
  if (cgroup.version === 1 || cgroup.controllers.length === 0) return;
  const path = join(dir, "cgroup.subtree_control");
  const enabled = (await system.fs.readText(path)).trim().split(" ");
  const missing = cgroup.controllers.filter((name) => !enabled.includes(name));
  if (missing.length === 0) return;
  await write(system, { path, value: missing.map((name) => `+${name}`).join(" ") });
}

async function writeLimits(
  system: System,
  options: {
    readonly dir: string;
    readonly cgroup: ContainerCgroup;
    readonly limits: ResourceLimits;
    readonly level: "pod" | "container";
  },
): Promise<void> {
  const { dir, cgroup, limits, level } = options;
  for (const controller of cgroup.controllers) {
    for (const setting of buildSettings(limits, { controller, version: cgroup.version, level })) {
      const path = join(dir, setting.file);
      if (setting.optional && (await system.fs.stat(path)) === undefined) continue;
      await write(system, { path, value: setting.value }).catch((error: unknown) => {
        if (systemErrorCode(error) !== "EINVAL") throw error;
        throw new Error(`the kernel does not take ${setting.value} for ${setting.file}`, { cause: error });
      });
    }
  }
}

function write(
  system: System,
  { path, value }: { readonly path: string; readonly value: string },
): Promise<void> {
  return system.fs.appendText(path, { text: value, mode: 0o200 });
}

/** How many processes of a cgroup the kernel has killed for want of memory; 0 when it does not say. */
export async function readOomKills(
  system: Pick<System, "fs">,
  cgroups: readonly ContainerCgroup[],
): Promise<number> {
  const memory = cgroups.find(({ controllers }) => controllers.includes("memory"));
  if (memory === undefined) return 0;
  const file = memory.version === 1 ? "memory.oom_control" : "memory.events";
  const text = await readGone(system, join(memory.dir, file));
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** The pids in a cgroup and in those that were made in it; none when it does not exist. */
export async function readCgroupPids(system: System, dir: string): Promise<readonly number[]> {
  const dirs = await listCgroupTree(system, dir);
  const texts = await Promise.all(dirs.map((each) => readGone(system, join(each, "cgroup.procs"))));
  return texts.flatMap((text) => text.split("\n").filter(Boolean).map(Number));
}

/** Kills everything in a cgroup at once; false where the kernel cannot (version 1, or before Linux 5.14). */
export async function killCgroup(system: System, dir: string): Promise<boolean> {
  const killPath = join(dir, "cgroup.kill");
  if ((await system.fs.stat(killPath)) === undefined) return false;
  await write(system, { path: killPath, value: "1" });
  return true;
}

/** Whether our directory can be made here, or is there and ours. */
async function isUsable(system: System, mountPoint: string): Promise<boolean> {
  const parent = join(mountPoint, PARENT_NAME);
  try {
    const made = await system.fs.makeDir(parent, { mode: 0o755 });
    const there = made ? undefined : await system.fs.stat(parent);
    if (there !== undefined && there.uid !== system.host.uid) return false;
    // It is made with the first container; this also takes away one that a runner left that was killed right here.
    await removeUnused(system, parent);
    return true;
  } catch (error) {
    if (["EACCES", "EPERM", "EROFS", "ENOENT"].includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  }
}

async function readControllers(system: System, mountPoint: string): Promise<readonly Controller[]> {
  const names = (await readGone(system, join(mountPoint, "cgroup.controllers"))).trim().split(" ");
  return CONTROLLERS.filter((name) => names.includes(name));
}

/** A file of a cgroup that may be gone: then empty. */
export async function readGone(system: Pick<System, "fs">, path: string): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    if (["ENOENT", "ENODEV"].includes(systemErrorCode(error) ?? "")) return "";
    throw error;
  }
}

function unescapeMount(path: string): string {
  return path.replace(/\\(\d{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
