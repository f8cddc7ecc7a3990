/** An IP address as a number. An IPv4-mapped IPv6 address is IPv4, as in Go's net.IP. */
export interface IpAddress {
  readonly value: bigint;
  readonly family: "IPv4" | "IPv6";
}

/** A network: the address is the lowest one in it, whatever host bits were written. */
export interface Cidr {
  readonly address: bigint;
  readonly prefixLength: number;
  readonly family: "IPv4" | "IPv6";
}

/** A network such as `10.96.0.0/12`; undefined when the text is none. Source: Go net.ParseCIDR. */
export function parseCidr(text: string): Cidr | undefined {
  const [base, length, rest] = text.split("/");
  if (base === undefined || length === undefined || rest !== undefined) return undefined;
  const ip = parseIpAddress(base);
  if (ip === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  if (ip.family === "IPv4" && base.includes(":")) return undefined;
  const prefixLength = Number(length);
  if (prefixLength > addressBits(ip.family)) return undefined;
  const hostBits = BigInt(addressBits(ip.family) - prefixLength);
  return { address: (ip.value >> hostBits) << hostBits, prefixLength, family: ip.family };
}

/** Whether a network is named by another of its addresses than the lowest: `10.244.0.0/8`. */
export function hasHostBits(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && parseIpAddress(text.split("/")[0] ?? "")?.value !== cidr.address;
}

/** The networks of a comma list; undefined when one of them is none. Source: k8s.io/utils/net ParseCIDRs. */
export function parseCidrs(text: string): readonly Cidr[] | undefined {
  const cidrs = text.split(",").map(parseCidr);
  const known = cidrs.filter((cidr) => cidr !== undefined);
  return known.length === cidrs.length ? known : undefined;
}

/** The n-th address of a network, in canonical form; the network's own address is number 0. Undefined when it has no n-th. */
export function nthAddress(cidr: Cidr, n: number): string | undefined {
  if (n < 0 || BigInt(n) >= countAddresses(cidr)) return undefined;
  return formatIpAddress({ value: cidr.address + BigInt(n), family: cidr.family });
}

/** How many addresses a network has. */
export function countAddresses(cidr: Cidr): bigint {
  return 1n << BigInt(addressBits(cidr.family) - cidr.prefixLength);
}

/** Whether two networks have an address in common. */
export function cidrsOverlap(left: Cidr, right: Cidr): boolean {
  if (left.family !== right.family) return false;
  const hostBits = BigInt(addressBits(left.family) - Math.min(left.prefixLength, right.prefixLength));
  return left.address >> hostBits === right.address >> hostBits;
}

/** Whether a text is a loopback address: one of 127.0.0.0/8, or ::1. */
export function isLoopback(text: string): boolean {
  const address = parseIpAddress(text);
  if (address === undefined) return false;
  return address.family === "IPv4" ? address.value >> 24n === 127n : address.value === 1n;
}

/** Whether an address lies in a network. */
export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  const host: Cidr = {
    address: address.value,
    prefixLength: addressBits(address.family),
    family: address.family,
  };
  return cidrsOverlap(cidr, host);
}

/** A network as Go prints it: its lowest address and the prefix length. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpAddress({ value: cidr.address, family: cidr.family })}/${cidr.prefixLength}`;
}

/** An IP address in the one form that Go prints (RFC 5952); undefined when the text is none. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseIpAddress(text);
  return address === undefined ? undefined : formatIpAddress(address);
}

/** An IPv4 or IPv6 address; undefined when the text is none. Zones and leading zeros are refused. Source: Go net.ParseIP. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return { value: ipv4, family: "IPv4" };
  const ipv6 = parseIpv6(text);
  if (ipv6 === undefined) return undefined;
  const mapped = ipv6 >> 32n === 0xffffn;
  return mapped ? { value: ipv6 & 0xffff_ffffn, family: "IPv4" } : { value: ipv6, family: "IPv6" };
}

/** 32 or 128. */
export function addressBits(family: "IPv4" | "IPv6"): number {
  return family === "IPv4" ? 32 : 128;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseIpv6(text: string): bigint | undefined {
  const [head, tail, rest] = text.split("::");
  if (head === undefined || rest !== undefined || !text.includes(":")) return undefined;
  const left = parseGroups(head, { mayEndInIpv4: tail === undefined });
  const right = tail === undefined ? [] : parseGroups(tail, { mayEndInIpv4: true });
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => 0n), ...right];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

function parseGroups(text: string, options: { readonly mayEndInIpv4: boolean }): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const ipv4 = options.mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

function formatIpAddress(address: IpAddress): string {
  return address.family === "IPv4" ? formatIpv4(address.value) : formatIpv6(address.value);
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  const zeros = longestZeroRun(groups);
  const hex = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return hex(groups);
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeroRun(groups: readonly bigint[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0n) length += 1;
    if (length > best.length) best = { start, length };
  }
  return best;
}
