import type { System } from "../system/system.ts";
import { findSlipwayRoot } from "./find-slipway-root.ts";
import { findSocketOwners } from "./find-socket-owners.ts";
import { describeCommand } from "./list-processes.ts";

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
  /** Of what Slipway runs. */
  readonly root?: string | undefined;
}

/**
 * Who listens on each of these ports, on whatever address. A port is missing from the answer when nobody listens or
 * the process belongs to somebody we may not look at. Walks every process's descriptors: ask only for taken ports.
 */
export async function findPortHolders(
  system: System,
  options: { readonly ports: readonly number[] },
): Promise<ReadonlyMap<number, PortHolder>> {
  const texts = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => system.fs.readTextIfExists(path)),
  );
  const listeners = texts
    .flatMap((text) => parseListeners(text ?? ""))
    .filter(({ port }) => options.ports.includes(port));
  const owners = await findSocketOwners(
    system,
    listeners.map(({ inode }) => inode),
  );
  const holders = listeners.map(async ({ port, inode }) => {
    const owner = owners.get(inode);
    if (owner === undefined) return [];
    const root = await findSlipwayRoot(system, owner);
    return [[port, { pid: owner.pid, command: describeCommand(owner.argv), root }] as const];
  });
  return new Map((await Promise.all(holders)).flat());
}

/** Listening sockets of `/proc/net/tcp` or `tcp6`. Source: Linux include/net/tcp_states.h TCP_LISTEN = 0x0A. */
function parseListeners(text: string): readonly { readonly port: number; readonly inode: string }[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === "0A")
    .map((fields) => ({
      port: Number.parseInt(fields[1]?.split(":").at(-1) ?? "", 16),
      inode: fields[9] ?? "",
    }));
}
