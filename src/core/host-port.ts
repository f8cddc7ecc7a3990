import { parseIpAddress } from "./cidr.ts";

/** A host, bare (IPv6 without brackets), and the port when one is given. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/**
 * The parts of `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address; undefined when the host is empty or
 * the port is not 1 to 65535. Whether the host is a good name is not looked at.
 * Source: kubeadm app/util ParseHostPort.
 */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^\[([^[\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:[\]]+)(?::(\d+))?$/.exec(text);
  if (match === null) return parseIpAddress(text) && { host: text, port: undefined };
  const port = match[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { host: match[1] ?? "", port };
}

/** `host:port` for a URL or a flag; IPv6 in brackets. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
