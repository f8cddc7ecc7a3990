import { parseQuantity } from "./quantity.ts";
import type { Pod } from "./types.ts";

/** A pod's quality of service class. */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/**
 * From the cpu and memory of all containers: Guaranteed when each has both limits and equal requests, BestEffort when
 * none asks for anything. Source: pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS.
 */
export function computeQosClass(pod: Pod): QosClass {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const pairs = containers.flatMap(({ resources }) =>
    (["cpu", "memory"] as const).map((name) => ({
      request: parseQuantity(resources?.requests?.[name] ?? "0") ?? 0,
      limit: parseQuantity(resources?.limits?.[name] ?? "0") ?? 0,
    })),
  );
  if (pairs.every(({ request, limit }) => request === 0 && limit === 0)) return "BestEffort";
  return pairs.every(({ request, limit }) => limit > 0 && request === limit) ? "Guaranteed" : "Burstable";
}
