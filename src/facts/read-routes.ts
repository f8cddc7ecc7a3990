import type { System } from "../system/system.ts";
import type { FactReader } from "./fact-reader.ts";
import { parseIpv4Routes, parseIpv6Routes, type Routes } from "./parse-routes.ts";

const NONE: Routes = { defaultInterfaces: [], networks: [] };

/** The kernel's main routing tables, IPv4 then IPv6; a machine without IPv6 has no IPv6 routes. */
export async function readRoutes(system: System, options: { readonly reader: FactReader }): Promise<Routes> {
  const { reader } = options;
  const [ipv4, ipv6] = await Promise.all([
    reader.read("IPv4 routes", {
      read: async () => parseIpv4Routes(await system.fs.readText("/proc/net/route")),
      fallback: NONE,
    }),
    reader.read("IPv6 routes", {
      read: async () => parseIpv6Routes((await system.fs.readTextIfExists("/proc/net/ipv6_route")) ?? ""),
      fallback: NONE,
    }),
  ]);
  return {
    defaultInterfaces: [...new Set([...ipv4.defaultInterfaces, ...ipv6.defaultInterfaces])],
    networks: [...ipv4.networks, ...ipv6.networks],
  };
}
