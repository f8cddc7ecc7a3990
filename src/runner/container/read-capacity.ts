import type { NodeCapacity } from "../../pod/resource-field.ts";
import type { System } from "../../system/system.ts";

/** What this machine has to give to containers that name no limit. */
export function readCapacity(system: Pick<System, "host">): NodeCapacity {
  return { cpus: system.host.cpuCount(), memoryBytes: system.host.totalMemoryBytes() };
}
