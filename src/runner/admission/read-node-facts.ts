import type { System } from "../../system/system.ts";
import { buildOwnLabels } from "../cluster/build-node.ts";
import { computeAllocatable, readMachine } from "../cluster/read-machine.ts";
import type { RunnerOptions } from "../types.ts";
import type { NodeFacts } from "./admit-pod.ts";

/** The node as it is registered: its own labels, and what of the machine pods may ask for. */
export async function readNodeFacts(
  system: Pick<System, "fs" | "host" | "clock">,
  options: RunnerOptions,
): Promise<NodeFacts> {
  const machine = await readMachine(system, { stateDir: options.paths.stateDir });
  return {
    labels: { ...options.nodeLabels, ...buildOwnLabels({ options, machine, nowMs: system.clock.nowMs() }) },
    allocatable: computeAllocatable(machine),
    maxPods: options.kubelet.maxPods,
  };
}
