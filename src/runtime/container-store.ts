import { join } from "node:path";
import { removeTree } from "../system/directories.ts";
import type { System } from "../system/system.ts";
import { type ContainerRecord, parseContainerRecord } from "./container-record.ts";
import { type ProcessIdentity, parseIdentity } from "./processes.ts";

/** How a container ended. `lost`: nobody saw it. */
export interface ExitRecord {
  readonly exitCode: number;
  readonly lost: boolean;
  /** The kernel killed one of its processes for want of memory. */
  readonly oomKilled?: boolean;
  readonly finishedAtMs: number;
}

/** Where the parts of one container lie. */
export interface ContainerPaths {
  readonly dir: string;
  /** The directory when the container was set aside. */
  readonly asideDir: string;
  readonly recordPath: string;
  readonly identityPath: string;
  /** Holds the files `stdout` and `stderr` that the container writes to. */
  readonly spoolDir: string;
  readonly logStatePath: string;
  /** The pipe that it reads its input from, and the one whose opening ends the hold on that. */
  readonly inputPath: string;
  readonly inputHeldPath: string;
  readonly exitPath: string;
  /** What kept it from being isolated, in the words of the programs that tried. */
  readonly problemPath: string;
  /** There when the kernel killed one of its processes for want of memory. */
  readonly oomKilledPath: string;
  /** How its mount namespace is put together. */
  readonly mountPlanPath: string;
  /** Where its mount namespace is put together; outside of it always empty. */
  readonly stageDir: string;
}

/** The files of all containers: `<dir>/<id>/…` each, and one directory `<dir>/.exits` that is watched for all. */
export interface ContainerStore {
  readonly exitsDir: string;
  pathsOf(id: string): ContainerPaths;
  /** The ids that have a directory. */
  listIds(): Promise<readonly string[]>;
  /** Makes the directory and writes the record into it. */
  create(record: ContainerRecord): Promise<void>;
  /** Also of one that was set aside. Undefined when there is none that can be read: a start was cut off. */
  readRecord(id: string): Promise<ContainerRecord | undefined>;
  /** Makes a container unknown that is going to be removed: only its record still says what there is of it. */
  setAside(id: string): Promise<void>;
  listAsideIds(): Promise<readonly string[]>;
  /** Undefined until the container's process has said who it is; `damaged` when what it said cannot be read. */
  readIdentity(id: string): Promise<ProcessIdentity | "damaged" | undefined>;
  /** Undefined until the container has ended. */
  readExit(id: string): Promise<ExitRecord | undefined>;
  /** Writes down that a container ended and nobody saw how: 137, as the kubelet says of such a one. */
  writeLostExit(id: string): Promise<void>;
  writeOomKilled(id: string): Promise<void>;
  /** Empty when there is none. */
  readProblem(id: string): Promise<string>;
  remove(id: string): Promise<void>;
  /** Removes exit records whose container is gone. */
  removeStrayExits(): Promise<void>;
}

/** Behind the id in the name of a directory that was set aside. */
const ASIDE = ".aside";

const RECORD_NAME = "container.json";

const LOST_EXIT_TEXT = "137 lost\n";

/** What is said of a container whose end nobody saw. */
export const LOST_EXIT = { exitCode: 137, lost: true } as const;

/** The store below `containersDir`, which exists. */
export async function openContainerStore(system: System, containersDir: string): Promise<ContainerStore> {
  const exitsDir = join(containersDir, ".exits");
  await system.fs.makeDir(exitsDir, { mode: 0o700 });
  const pathsOf = (id: string): ContainerPaths => buildContainerPaths(containersDir, id);
  const listIds = (): Promise<readonly string[]> => listContainerIds(system, containersDir);
  return {
    exitsDir,
    pathsOf,
    listIds,
    create: async (record) => {
      const paths = pathsOf(record.id);
      await system.fs.makeDir(paths.dir, { mode: 0o700 });
      await system.fs.makeDir(paths.spoolDir, { mode: 0o700 });
      await system.fs.writeAtomic(paths.recordPath, { data: JSON.stringify(record), mode: 0o600 });
    },
    readRecord: async (id) => {
      const { recordPath, asideDir } = pathsOf(id);
      const text =
        (await system.fs.readTextIfExists(recordPath)) ??
        (await system.fs.readTextIfExists(join(asideDir, RECORD_NAME)));
      return parseContainerRecord(text ?? "", id);
    },
    setAside: async (id) => {
      const paths = pathsOf(id);
      if ((await system.fs.stat(paths.dir)) !== undefined) await system.fs.rename(paths.dir, paths.asideDir);
    },
    listAsideIds: () => listAsideIds(system, containersDir),
    readIdentity: async (id) => {
      const text = await system.fs.readTextIfExists(pathsOf(id).identityPath);
      return text === undefined ? undefined : (parseIdentity(text) ?? "damaged");
    },
    readExit: (id) => readExit(system, pathsOf(id)),
    writeOomKilled: (id) => system.fs.writeAtomic(pathsOf(id).oomKilledPath, { data: "", mode: 0o600 }),
    readProblem: async (id) => (await system.fs.readTextIfExists(pathsOf(id).problemPath)) ?? "",
    writeLostExit: (id) => system.fs.writeAtomic(pathsOf(id).exitPath, { data: LOST_EXIT_TEXT, mode: 0o600 }),
    remove: async (id) => {
      const { dir, asideDir, exitPath } = pathsOf(id);
      for (const path of [dir, asideDir]) await removeTree(system, path);
      await system.fs.removeFile(exitPath);
    },
    removeStrayExits: async () => {
      const known = new Set([...(await listIds()), ...(await listAsideIds(system, containersDir))]);
      const stray = (await system.fs.list(exitsDir)).filter((name) => !known.has(name));
      for (const name of stray) await system.fs.removeFile(join(exitsDir, name));
    },
  };
}

/** The ids of the containers that have left anything, readable or not; empty when there is no such directory. */
export async function listContainerIds(
  system: Pick<System, "fs">,
  containersDir: string,
): Promise<readonly string[]> {
  if ((await system.fs.stat(containersDir)) === undefined) return [];
  return (await system.fs.list(containersDir)).filter(isContainerId);
}

/** What is written down of every container and can be read, without changing anything. */
export async function readContainerRecords(
  system: System,
  containersDir: string,
): Promise<readonly ContainerRecord[]> {
  const ids = await listContainerIds(system, containersDir);
  const records = ids.map(async (id) => {
    const { recordPath } = buildContainerPaths(containersDir, id);
    return parseContainerRecord((await system.fs.readTextIfExists(recordPath)) ?? "", id);
  });
  return (await Promise.all(records)).filter((record) => record !== undefined);
}

/** The ids of containers that were set aside and of which something may be left. */
export async function listAsideIds(system: System, containersDir: string): Promise<readonly string[]> {
  const names = await system.fs.list(containersDir);
  return names
    .filter((name) => name.endsWith(ASIDE))
    .map((name) => name.slice(0, -ASIDE.length))
    .filter(isContainerId);
}

/** Who a container's process is and how it ended, each when it is written down; changes nothing. */
export async function readContainerEnd(
  system: System,
  options: { readonly containersDir: string; readonly id: string },
): Promise<{ readonly identity: ProcessIdentity | undefined; readonly exit: ExitRecord | undefined }> {
  const paths = buildContainerPaths(options.containersDir, options.id);
  const identity = parseIdentity((await system.fs.readTextIfExists(paths.identityPath)) ?? "");
  return { identity, exit: await readExit(system, paths) };
}

/** Where the output of the container that has this log lies; undefined when none has it. Changes nothing. */
export async function findOutputPaths(
  system: System,
  options: { readonly containersDir: string; readonly logPath: string },
): Promise<Pick<ContainerPaths, "spoolDir" | "logStatePath"> | undefined> {
  const records = await readContainerRecords(system, options.containersDir);
  const record = records.find(({ spec }) => spec.logPath === options.logPath);
  return record === undefined ? undefined : buildContainerPaths(options.containersDir, record.id);
}

function isContainerId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** The exit code of a record's text with its newline; undefined for a half-written one. */
export function parseExitText(
  text: string,
): { readonly exitCode: number; readonly lost: boolean } | undefined {
  if (text === LOST_EXIT_TEXT) return LOST_EXIT;
  return /^\d{1,3}\n$/.test(text) ? { exitCode: Number(text), lost: false } : undefined;
}

function buildContainerPaths(containersDir: string, id: string): ContainerPaths {
  const dir = join(containersDir, id);
  return {
    dir,
    asideDir: `${dir}${ASIDE}`,
    recordPath: join(dir, RECORD_NAME),
    identityPath: join(dir, "identity"),
    spoolDir: join(dir, "spool"),
    logStatePath: join(dir, "log.json"),
    inputPath: join(dir, "input"),
    inputHeldPath: join(dir, "input-held"),
    exitPath: join(containersDir, ".exits", id),
    problemPath: join(dir, "problem"),
    oomKilledPath: join(dir, "oom-killed"),
    mountPlanPath: join(dir, "mounts"),
    stageDir: join(dir, "stage"),
  };
}

async function readExit(system: System, paths: ContainerPaths): Promise<ExitRecord | undefined> {
  const exit = parseExitText((await system.fs.readTextIfExists(paths.exitPath)) ?? "");
  const status = exit === undefined ? undefined : await system.fs.stat(paths.exitPath);
  if (exit === undefined || status === undefined) return undefined;
  const oomKilled = (await system.fs.stat(paths.oomKilledPath)) !== undefined;
  return { ...exit, oomKilled, finishedAtMs: status.modifiedMs };
}
