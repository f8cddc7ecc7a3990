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

/** How far a port is moved that is held, until one is free. */
const STEPS = [10_000, 20_000, 30_000];

/** Whether each port can be listened on at its host, tried one after the other, who is in the way, and what is free. */
export async function probePorts(
  system: System,
  options: { readonly ports: readonly PortRequest[] },
): Promise<readonly PortFact[]> {
  const problems: ListenProblem[] = [];
  for (const port of options.ports) problems.push(await system.net.probeListen(port));
  const taken = options.ports.filter((_port, index) => problems[index] === "EADDRINUSE");
  const holders =
    taken.length === 0 ? new Map() : await findPortHolders(system, { ports: taken.map(({ port }) => port) });
  const facts: PortFact[] = [];
  for (const [index, request] of options.ports.entries()) {
    // One that nobody seems to hold may have been let go of meanwhile, as by a component that restarts.
    if (problems[index] === "EADDRINUSE" && !holders.has(request.port))
      problems[index] = await system.net.probeListen(request);
    const isHeld = problems[index] === "EADDRINUSE";
    facts.push({
      ...request,
      problem: problems[index],
      holder: isHeld ? holders.get(request.port) : undefined,
      freePort: isHeld ? await findFree(system, request) : undefined,
    });
  }
  return facts;
}

async function findFree(system: System, { host, port }: PortRequest): Promise<number | undefined> {
  for (const free of STEPS.map((step) => port + step).filter((other) => other <= 65_535))
    if ((await system.net.probeListen({ host, port: free })) === undefined) return free;
  return undefined;
}
