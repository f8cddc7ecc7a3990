import type { System } from "../system/system.ts";
import { lookAtProcesses, type ProcessFact, readProcess, whenReadable } from "./list-processes.ts";

/**
 * The processes that have these sockets open, by the sockets' inode. One is missing when nobody has it or its process
 * belongs to somebody we may not look at. Walks every process's descriptors.
 */
export async function findSocketOwners(
  system: System,
  inodes: readonly string[],
): Promise<ReadonlyMap<string, ProcessFact>> {
  if (inodes.length === 0) return new Map();
  const found = await lookAtProcesses(system, (pid) => findOwned(system, { pid, inodes }));
  return new Map(found.flat());
}

async function findOwned(
  system: System,
  { pid, inodes }: { readonly pid: number; readonly inodes: readonly string[] },
): Promise<readonly (readonly [string, ProcessFact])[]> {
  const dir = `/proc/${pid}/fd`;
  const descriptors = (await whenReadable(system.fs.list(dir))) ?? [];
  const targets = await Promise.all(
    descriptors.map((fd) => whenReadable(system.fs.readLink(`${dir}/${fd}`))),
  );
  const owned = targets
    .map((target) => /^socket:\[(\d+)\]$/.exec(target ?? "")?.[1] ?? "")
    .filter((inode) => inodes.includes(inode));
  const owner = owned.length === 0 ? undefined : await readProcess(system, pid);
  return owner === undefined ? [] : owned.map((inode) => [inode, owner] as const);
}
