import { readAmount } from "./resource-amounts.ts";
import type { Pod, Resources } from "./types.ts";

/** A pod's quality of service class. */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

/**
 * From the cpu and memory of the pod as a whole where it sets any, else of all containers: Guaranteed when each has both
 * limits and equal requests, BestEffort when none asks for anything.
 * Source: pkg/apis/core/v1/helper/qos/qos.go ComputePodQOS.
 */
export function computeQosClass(pod: Pod): QosClass {
  const whole = pod.spec.resources;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const parts = isSet(whole) ? [whole] : containers.map(({ resources }) => resources);
  const pairs = parts.flatMap((resources) =>
    (["cpu", "memory"] as const).map((name) => ({
      request: readAmount(resources, { kind: "requests", name }) ?? 0,
      limit: readAmount(resources, { kind: "limits", name }) ?? 0,
    })),
  );
  if (pairs.every(({ request, limit }) => request === 0 && limit === 0)) return "BestEffort";
  return pairs.every(({ request, limit }) => limit > 0 && request === limit) ? "Guaranteed" : "Burstable";
}

function isSet(resources: Resources | undefined): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0;
}
