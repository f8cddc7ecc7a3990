import type { System } from "../system/system.ts";
import { asksFor, CONTROLLERS } from "./cgroup-settings.ts";
import type { Hierarchy } from "./cgroups.ts";
import type { ContainerSpec } from "./types.ts";

/** Looks whether a container's limits can be enforced. */
export type LimitCheck = (spec: ContainerSpec) => void;

/**
 * Warns once for the life of the runtime, at the first container that asks for what no cgroup here can do, and then of
 * all that none can: the next one may ask for something else.
 */
export function createLimitCheck(system: Pick<System, "log">, hierarchies: readonly Hierarchy[]): LimitCheck {
  const missing = CONTROLLERS.filter(
    (name) => !hierarchies.some(({ controllers }) => controllers.includes(name)),
  );
  let warned = false;
  return ({ resources, podName, containerName }) => {
    if (warned || resources === undefined) return;
    if (!missing.some((controller) => asksFor(resources, controller))) return;
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
