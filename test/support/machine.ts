import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

const CGROUP_DIR = "/sys/fs/cgroup";

/** A process and its arguments. */
export interface SeenProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** The living processes with `text` somewhere in their arguments; this one is not among them. */
export function processesNaming(text: string): readonly SeenProcess[] {
  return listPids()
    .map((pid) => ({ pid, args: readArgs(pid) }))
    .filter(({ pid, args }) => pid !== process.pid && args.some((arg) => arg.includes(text)));
}

/** All processes of the machine. */
export function listPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Everything at and below a path with its mode, owner and content, one line each; a path that is missing has none. */
export function listTree(path: string): readonly string[] {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  const line = `${path} ${(status.mode & 0o7777).toString(8)} ${status.uid}:${status.gid}`;
  if (status.isSymbolicLink()) return [`${line} -> ${readlinkSync(path)}`];
  if (status.isFile()) return [`${line} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`];
  if (!status.isDirectory()) return [`${line} special`];
  const names = readdirSync(path).sort();
  return [`${line} dir`, ...names.flatMap((name) => listTree(join(path, name)))];
}

/** The files below a directory with what changes when one is written: its inode and time. */
export function listWrites(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((name) => lstatSync(name, { throwIfNoEntry: false })?.isFile() === true)
    .sort()
    .map((name) => {
      const { ino, mtimeMs } = lstatSync(name);
      return `${name} ${ino} ${mtimeMs}`;
    });
}

/** The cgroups that carry one of these container IDs, in every hierarchy of this machine. */
export function cgroupsOf(containerIds: readonly string[]): readonly string[] {
  const pods = cgroupParents().flatMap((dir) => readdirSync(dir).map((name) => join(dir, name)));
  return pods.flatMap((dir) => containerIds.map((id) => join(dir, id))).filter((dir) => existsSync(dir));
}

/** The cgroups of these pods, in every hierarchy of this machine. */
export function podCgroupsOf(podUids: readonly string[]): readonly string[] {
  return cgroupParents()
    .flatMap((dir) => podUids.map((uid) => join(dir, `pod${uid}`)))
    .filter((dir) => existsSync(dir));
}

/** How often the kernel held one of these pods' processes back, because they had used up their share of a CPU. */
export function countThrottled(podUids: readonly string[]): number {
  const stats = podCgroupsOf(podUids).flatMap((dir) =>
    readdirSync(dir, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("cpu.stat"))
      .map((name) => readFileSync(join(dir, name), "utf8")),
  );
  return stats.reduce((sum, text) => sum + Number(/^nr_throttled (\d+)$/m.exec(text)?.[1] ?? 0), 0);
}

/** `…/slipway`, which holds one directory a pod. */
function cgroupParents(): readonly string[] {
  const hierarchies = [CGROUP_DIR, ...readdirSync(CGROUP_DIR).map((name) => join(CGROUP_DIR, name))];
  return hierarchies.map((dir) => join(dir, "slipway")).filter((dir) => existsSync(dir));
}

/** The UIDs of the pods that have containers below a root, running or not. */
export function listPodUids(root: string): readonly string[] {
  const dir = join(root, "var/lib/slipway/containers");
  if (!existsSync(dir)) return [];
  const uids = readdirSync(dir).flatMap((id) => {
    const path = join(dir, id, "container.json");
    return existsSync(path) ? [readPodUid(path)] : [];
  });
  return [...new Set(uids)];
}

function readPodUid(recordPath: string): string {
  const { spec } = JSON.parse(readFileSync(recordPath, "utf8")) as { spec: { podUid: string } };
  return spec.podUid;
}

/** What is mounted at or below a path. */
export function mountsBelow(path: string): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((mountPoint) => mountPoint === path || mountPoint.startsWith(`${path}/`));
}

/** The sockets whose path or name holds a text. */
export function socketsNaming(text: string): readonly string[] {
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .filter((line) => line.includes(text));
}

/** Whether something accepts connections on a loopback port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

/** A zombie has no arguments any more. */
function readArgs(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
  } catch {
    return [];
  }
}
