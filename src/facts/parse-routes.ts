import { formatCidr, parseCidr } from "../core/cidr.ts";
import type { RouteFact } from "./types.ts";

/** Routes of one address family, the best metric first. */
export interface Routes {
  readonly defaultInterfaces: readonly string[];
  readonly networks: readonly RouteFact[];
}

interface Route {
  readonly interfaceName: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly flags: number;
  readonly metric: number;
}

/** Source: linux/route.h RTF_UP, RTF_REJECT. */
const UP = 0x1;
const REJECT = 0x200;

/** The routes of `/proc/net/route`. Source: Linux net/ipv4/fib_trie.c fib_route_seq_show. */
export function parseIpv4Routes(text: string): Routes {
  const rows = text.split("\n").slice(1).map(splitFields);
  return selectRoutes(
    rows.flatMap(([interfaceName, destination, , flags, , , metric, mask]): Route[] => {
      if (interfaceName === undefined || mask === undefined) return [];
      const address = hostOrderBytes(destination ?? "");
      return [
        {
          interfaceName,
          address: address.join("."),
          prefixLength: countBits(mask),
          flags: Number.parseInt(flags ?? "0", 16),
          metric: Number(metric),
        },
      ];
    }),
  );
}

/** The routes of `/proc/net/ipv6_route`. Source: Linux net/ipv6/route.c rt6_info_route / ipv6_route_native_seq_show. */
export function parseIpv6Routes(text: string): Routes {
  return selectRoutes(
    text
      .split("\n")
      .map(splitFields)
      .flatMap(([destination, prefix, , , , metric, , , flags, interfaceName]): Route[] => {
        if (interfaceName === undefined || interfaceName === "lo" || destination === undefined) return [];
        return [
          {
            interfaceName,
            address: (destination.match(/.{4}/g) ?? []).join(":"),
            prefixLength: Number.parseInt(prefix ?? "0", 16),
            flags: Number.parseInt(flags ?? "0", 16),
            metric: Number.parseInt(metric ?? "0", 16),
          },
        ];
      }),
  );
}

function selectRoutes(routes: readonly Route[]): Routes {
  const usable = routes
    .filter(({ flags }) => (flags & UP) !== 0 && (flags & REJECT) === 0)
    .sort((left, right) => left.metric - right.metric);
  const defaults = usable.filter(({ prefixLength }) => prefixLength === 0);
  return {
    defaultInterfaces: [...new Set(defaults.map(({ interfaceName }) => interfaceName))],
    networks: usable
      .filter(({ prefixLength }) => prefixLength !== 0)
      .flatMap(({ interfaceName, address, prefixLength }) => {
        const cidr = parseCidr(`${address}/${prefixLength}`);
        return cidr === undefined ? [] : [{ interfaceName, cidr: formatCidr(cidr) }];
      }),
  };
}

function splitFields(line: string): string[] {
  return line.trim().split(/\s+/);
}

/** The kernel prints an IPv4 address as the number that its bytes make on this machine: little-endian. */
function hostOrderBytes(hex: string): readonly number[] {
  return [...Buffer.from(hex, "hex")].reverse();
}

function countBits(hex: string): number {
  return [...Number.parseInt(hex, 16).toString(2)].filter((bit) => bit === "1").length;
}
