import type { System } from "../system/system.ts";
import { asksFor, CONTROLLERS } from "./cgroup-settings.ts";
import type { Hierarchy } from "./cgroups.ts";
import type { ContainerSpec } from "./types.ts";

/** Looks whether a container's limits can be enforced. */
export type LimitCheck = (spec: ContainerSpec) => void;

/** Warns once for the life of the runtime, at the first container that asks for what no cgroup here can do. */
export function createLimitCheck(system: Pick<System, "log">, hierarchies: readonly Hierarchy[]): LimitCheck {
  let warned = false;
  return ({ resources, podName, containerName }) => {
    if (warned || resources === undefined) return;
    const wanted = CONTROLLERS.filter((controller) => asksFor(resources, controller));
    const missing = wanted.filter(
      (name) => !hierarchies.some(({ controllers }) => controllers.includes(name)),
    );
    if (missing.length === 0) return;
    warned = true;
    system.log.warn(
      "requests and limits are not enforced: no cgroup with these controllers can be made here",
      {
        controllers: missing.join(","),
        pod: podName,
        container: containerName,
      },
    );
  };
}
