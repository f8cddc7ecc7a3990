import { dirname, join } from "node:path";
import type { System } from "../system/system.ts";
import { type ContainerMount, isWithin, trimPath } from "./isolation.ts";

type Files = Pick<System, "fs">;

/** A directory that lacks mount points: it is covered by a tmpfs in which all that it holds is bound again. */
interface Copy {
  readonly dir: string;
  /** What is to be made in it, by path. */
  readonly missing: { readonly path: string; readonly kind: "dir" | "file" }[];
}

/** Where what is shared with the machine is kept until it is mounted: a directory that every kernel's /proc has. */
const SHARE_DIR = "/proc/fs";

/** How much a container may write beside its volumes into such a directory: ours, more than any configuration needs. */
const COPY_SIZE = "64m";

/**
 * The words for MOUNT_SCRIPT that show a container its mounts, shallow ones first. A mount point that this machine does
 * not have is made in a copy of the deepest directory that it has, so that nothing is ever made on the machine itself.
 * Rejects with a plain Error that says which mount cannot be.
 */
export async function planMounts(
  system: Files,
  options: {
    readonly mounts: readonly ContainerMount[];
    readonly readOnlyRoot: boolean;
    /** An empty directory that only this container uses. */
    readonly stageDir: string;
  },
): Promise<readonly string[]> {
  const copies: Copy[] = [];
  const targets: { readonly wanted: string; readonly path: string }[] = [];
  const shared: typeof targets = [];
  const shares: string[] = [];
  const volumes: string[] = [];
  const byDepth = options.mounts.toSorted((left, right) => depthOf(left) - depthOf(right));
  for (const mount of byDepth) {
    const kind = await kindOf(system, mount);
    const wanted = trimPath(mount.containerPath);
    if (`${wanted}${mount.hostPath}`.includes("\n")) throw new Error("a mount's path has a line break in it");
    const outer = targets.findLast((target) => isWithin(wanted, target.wanted));
    const path =
      outer === undefined
        ? await findTarget(system, { wanted, kind, copies })
        : join(outer.path, wanted.slice(outer.wanted.length));
    if (outer !== undefined) volumes.push("nested", outer.path, kind, path);
    const around = shared.find((other) => isWithin(wanted, other.wanted) || isWithin(path, other.path));
    if (around !== undefined)
      throw new Error(
        `nothing can be mounted at ${wanted}: what is mounted below ${around.wanted} reaches the machine (Bidirectional)`,
      );
    const isShared = mount.propagation === "bidirectional";
    const slot = `${SHARE_DIR}/${shared.length}`;
    if (isShared) {
      shared.push({ wanted, path });
      shares.push("share", mount.hostPath, mount.within ?? "", kind, slot);
    }
    const { within: _within, ...own } = mount;
    const volume = isShared ? { ...own, hostPath: slot } : mount;
    volumes.push(...volumeWords(volume, { path, readOnlyRoot: options.readOnlyRoot }));
    targets.push({ wanted, path });
  }
  const deepestFirst = copies.toSorted((left, right) => right.dir.length - left.dir.length);
  const words: string[] = [];
  for (const copy of deepestFirst)
    words.push(...(await copyWords(system, { copy, stage: options.stageDir })));
  const first = shares.length === 0 ? [] : [...shares, "apart"];
  return [...first, ...words, ...(options.readOnlyRoot ? ["readonly", "/"] : []), ...volumes];
}

const PROPAGATION = { private: "private", "host-to-container": "slave", bidirectional: "shared" } as const;

function volumeWords(
  mount: ContainerMount,
  target: { readonly path: string; readonly readOnlyRoot: boolean },
): readonly string[] {
  const { path, readOnlyRoot } = target;
  const access = mount.readOnly ? "ro" : "rw";
  const volume = ["volume", mount.hostPath, mount.within ?? "", path, PROPAGATION[mount.propagation], access];
  // A mount below a root that was made read-only is so, too.
  if (!mount.readOnly) return readOnlyRoot ? [...volume, "writable", path] : volume;
  return mount.recursiveReadOnly === true ? [...volume, "readonly", path] : volume;
}

/** The path to mount on, its links followed; one that is missing is noted in the copy that will have it. */
async function findTarget(
  system: Files,
  options: { readonly wanted: string; readonly kind: "dir" | "file"; readonly copies: Copy[] },
): Promise<string> {
  const { wanted, kind, copies } = options;
  const there = await system.fs.stat(wanted);
  if (there !== undefined) {
    if ((there.kind === "directory") !== (kind === "dir")) {
      throw new Error(
        `a ${kind === "dir" ? "directory" : "file"} cannot be mounted at ${wanted}: this machine has a ${there.kind === "directory" ? "directory" : "file"} there`,
      );
    }
    return system.fs.realPath(wanted);
  }
  let parent = dirname(wanted);
  while ((await system.fs.stat(parent)) === undefined) parent = dirname(parent);
  const dir = await system.fs.realPath(parent);
  const path = join(dir, wanted.slice(parent.length));
  const copy = copies.find((candidate) => candidate.dir === dir);
  if (copy === undefined) copies.push({ dir, missing: [{ path, kind }] });
  else copy.missing.push({ path, kind });
  return path;
}

/**
 * Directories and files are bound; a device is made anew, for a machine has hundreds and each mount is a process. What
 * has a line break in its name is left out. Source: what snapd calls a writable mimic.
 */
async function copyWords(
  system: Files,
  { copy, stage }: { readonly copy: Copy; readonly stage: string },
): Promise<readonly string[]> {
  const status = await system.fs.stat(copy.dir);
  if (status?.kind !== "directory")
    throw new Error(`nothing can be mounted below ${copy.dir}: it is no directory`);
  const options = `mode=${status.mode.toString(8)},uid=${status.uid},gid=${status.gid},size=${COPY_SIZE}`;
  const dirs: string[] = [];
  const files: string[] = [];
  const devices: string[] = [];
  const others: string[] = [];
  for (const name of (await system.fs.list(copy.dir)).filter((entry) => !entry.includes("\n"))) {
    const [path, place] = [join(copy.dir, name), join(stage, name)];
    const kind = (await system.fs.lstat(path))?.kind;
    if (kind === "symlink") others.push("link", place, await system.fs.readLink(path));
    else if (kind === "char-device" || kind === "block-device") devices.push(path);
    else if (kind !== undefined) {
      (kind === "directory" ? dirs : files).push(place);
      others.push("keep", path, place);
    }
  }
  for (const { path, kind } of copy.missing) {
    const place = join(stage, path.slice(copy.dir.length));
    dirs.push(kind === "dir" ? place : dirname(place));
    if (kind === "file") files.push(place);
  }
  return [
    ...["stage", stage, options],
    ...(dirs.length === 0 ? [] : [...listWords(dirs), "dirs"]),
    ...(files.length === 0 ? [] : [...listWords(files), "files"]),
    ...(devices.length === 0 ? [] : [...listWords(devices), "devices", stage]),
    ...others,
    ...(copy.dir === "/" ? ["pivot", stage] : ["move", stage, copy.dir]),
  ];
}

function listWords(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => ["path", path]);
}

/** A source that is missing by now is a directory for mount(8) to complain of. */
async function kindOf(system: Files, { hostPath }: ContainerMount): Promise<"dir" | "file"> {
  const status = await system.fs.stat(hostPath);
  return status === undefined || status.kind === "directory" ? "dir" : "file";
}

function depthOf({ containerPath }: ContainerMount): number {
  const path = trimPath(containerPath);
  return path === "/" ? 0 : path.split("/").length;
}
