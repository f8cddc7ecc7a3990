import type { System } from "../system/system.ts";
import { describeCommand, readProcess, whenReadable } from "./list-processes.ts";

/** The process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/**
 * Who listens on each of these ports, on whatever address. A port is missing from the answer when nobody listens or
 * the process belongs to somebody we may not look at. Walks every process's descriptors: ask only for taken ports.
 */
export async function findPortHolders(
  system: System,
  options: { readonly ports: readonly number[] },
): Promise<ReadonlyMap<number, PortHolder>> {
  const portByInode = new Map<string, number>();
  for (const path of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const { port, inode } of parseListeners((await system.fs.readTextIfExists(path)) ?? "")) {
      if (options.ports.includes(port)) portByInode.set(inode, port);
    }
  }
  if (portByInode.size === 0) return new Map();
  const pids = (await system.fs.list("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => findHeldPorts(system, { pid, portByInode })));
  return new Map(found.flat());
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

async function findHeldPorts(
  system: System,
  options: { readonly pid: string; readonly portByInode: ReadonlyMap<string, number> },
): Promise<readonly (readonly [number, PortHolder])[]> {
  const dir = `/proc/${options.pid}/fd`;
  const descriptors = (await whenReadable(system.fs.list(dir))) ?? [];
  const targets = await Promise.all(
    descriptors.map((fd) => whenReadable(system.fs.readLink(`${dir}/${fd}`))),
  );
  const ports = targets.flatMap((target) => {
    const inode = /^socket:\[(\d+)\]$/.exec(target ?? "")?.[1];
    const port = inode === undefined ? undefined : options.portByInode.get(inode);
    return port === undefined ? [] : [port];
  });
  if (ports.length === 0) return [];
  const holder = await readProcess(system, Number(options.pid));
  if (holder === undefined) return [];
  return ports.map((port) => [port, { pid: holder.pid, command: describeCommand(holder.argv) }] as const);
}
