import type { ListenProblem } from "../system/net.ts";
import type { System } from "../system/system.ts";
import { findPortHolders } from "./find-port-holders.ts";
import type { PortFact } from "./types.ts";

/** A port that somebody will listen on, and who: a component's name or `kubelet`. */
export interface PortRequest {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Whether each port can be listened on at its host, tried one after the other, and who is in the way. */
export async function probePorts(
  system: System,
  options: { readonly ports: readonly PortRequest[] },
): Promise<readonly PortFact[]> {
  const problems: ListenProblem[] = [];
  for (const port of options.ports) problems.push(await system.net.probeListen(port));
  const taken = options.ports.filter((_port, index) => problems[index] === "EADDRINUSE");
  const holders =
    taken.length === 0 ? new Map() : await findPortHolders(system, { ports: taken.map(({ port }) => port) });
  return options.ports.map(({ name, host, port }, index) => ({
    name,
    host,
    port,
    problem: problems[index],
    holder: problems[index] === "EADDRINUSE" ? holders.get(port) : undefined,
  }));
}
