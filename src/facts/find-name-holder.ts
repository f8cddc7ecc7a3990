import type { System } from "../system/system.ts";
import { findSocketOwners } from "./find-socket-owners.ts";
import type { ProcessFact } from "./list-processes.ts";

/**
 * The process that holds a name (`net.claimName`), also one that is stopped or too busy to say so itself. Undefined
 * when nobody holds it any more, or somebody whom we may not look at.
 */
export async function findNameHolder(system: System, name: string): Promise<ProcessFact | undefined> {
  const text = (await system.fs.readTextIfExists("/proc/net/unix")) ?? "";
  const inodes = parseListeners(text, name);
  const owners = await findSocketOwners(system, inodes);
  return inodes.map((inode) => owners.get(inode)).find((owner) => owner !== undefined);
}

/**
 * Node.js binds the whole length of a name, and the kernel shows what is behind it as `@`. Columns: Num RefCount
 * Protocol Flags Type St Inode Path. Source: Linux net/unix/af_unix.c unix_seq_show; net.h __SO_ACCEPTCON.
 */
function parseListeners(text: string, name: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[7]?.replace(/@+$/, "") === `@${name}` && fields[3] === "00010000")
    .map((fields) => fields[6] ?? "");
}
