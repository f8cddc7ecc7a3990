import { systemErrorCode } from "../core/errors.ts";
import { splitProcessStat } from "../core/process-stat.ts";
import { lookAtProcesses } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";
import { CONTAINER_ID_VARIABLE } from "./shim.ts";

/** One process for all time: pids come back, but not with the same start time in the same boot. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as text: it is only compared. */
  readonly startTicks: string;
  readonly bootId: string;
}

/** Looks at processes and signals them, never one that only has the same pid. */
export interface Processes {
  readonly bootId: string;
  /** Whether the process runs; a zombie does not. */
  isAlive(identity: ProcessIdentity): Promise<boolean>;
  /** Whether any process that we may signal has this pid: cheap, but it may be another one, or a zombie. */
  isTaken(pid: number): boolean;
  /** Signals the process, or its whole group; false when it is gone. The start time is checked right before. */
  signal(
    identity: ProcessIdentity,
    options: { readonly signal: NodeJS.Signals; readonly group: boolean },
  ): Promise<boolean>;
  /** Live processes, of those that we may look into, that carry a container's marker in their environment. */
  findMarked(containerId: string): Promise<readonly ProcessIdentity[]>;
  /** The pids of all that carry one, by the container's ID. */
  listMarked(): Promise<ReadonlyMap<string, readonly number[]>>;
  /** The identity of a live process; undefined when there is none. */
  identify(pid: number): Promise<ProcessIdentity | undefined>;
}

/** The processes of this machine. */
export async function createProcesses(system: System): Promise<Processes> {
  const bootId = (await system.fs.readText("/proc/sys/kernel/random/boot_id")).trim();

  const identify: Processes["identify"] = async (pid) => {
    const stat = parseProcessStat((await readProcFile(system, `/proc/${pid}/stat`)) ?? "");
    return stat === undefined || stat.state === "Z" || stat.state === "X"
      ? undefined
      : { pid, startTicks: stat.startTicks, bootId };
  };
  const isAlive: Processes["isAlive"] = async (identity) => {
    if (identity.bootId !== bootId) return false;
    return (await identify(identity.pid))?.startTicks === identity.startTicks;
  };
  return {
    bootId,
    isAlive,
    isTaken: (pid) => isTaken(system, pid),
    identify,
    signal: async (identity, { signal, group }) => {
      if (!(await isAlive(identity))) return false;
      // A container that has only just started may lead no group yet.
      return (group && system.host.kill(-identity.pid, signal)) || system.host.kill(identity.pid, signal);
    },
    findMarked: async (containerId) => {
      const pids = (await listMarked(system)).get(containerId) ?? [];
      return (await Promise.all(pids.map(identify))).filter((identity) => identity !== undefined);
    },
    listMarked: () => listMarked(system),
  };
}

async function listMarked(system: System): Promise<ReadonlyMap<string, readonly number[]>> {
  const marker = `${CONTAINER_ID_VARIABLE}=`;
  const marked = new Map<string, number[]>();
  await lookAtProcesses(system, async (pid) => {
    const environment = await readProcFile(system, `/proc/${pid}/environ`);
    const id = environment
      ?.split("\0")
      .find((entry) => entry.startsWith(marker))
      ?.slice(marker.length);
    if (id !== undefined) marked.set(id, [...(marked.get(id) ?? []), pid]);
  });
  return marked;
}

function isTaken(system: Pick<System, "host">, pid: number): boolean {
  try {
    return system.host.kill(pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === "EPERM") return false;
    throw error;
  }
}

/** `<pid> <start ticks> <boot id>` with its newline; undefined for anything else, also a half-written one. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^(\d+) (\d+) ([0-9a-f-]{36})\n$/.exec(text);
  const [, pid, startTicks, bootId] = match ?? [];
  if (pid === undefined || startTicks === undefined || bootId === undefined) return undefined;
  return { pid: Number(pid), startTicks, bootId };
}

/** State and start time out of /proc/<pid>/stat. */
export function parseProcessStat(
  text: string,
): { readonly state: string; readonly startTicks: string } | undefined {
  const fields = splitProcessStat(text);
  const [state, startTicks] = [fields[0], fields[19]];
  return state === undefined || startTicks === undefined ? undefined : { state, startTicks };
}

/** A file of another process: it may end at any moment, and need not be ours. */
async function readProcFile(system: System, path: string): Promise<string | undefined> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
