import { NODE_CRITICAL_CLASS, NODE_CRITICAL_PRIORITY } from "../core/constants.ts";
import { computeQosClass } from "../pod/qos-class.ts";
import { parseQuantity } from "../pod/quantity.ts";
import type { Container, Pod } from "../pod/types.ts";

/** How soon the kernel picks a container when memory is short. Source: kubelet qos/policy.go GetContainerOOMScoreAdjust. */
export function computeOomScoreAdjust(options: {
  readonly pod: Pod;
  readonly container: Container;
  readonly memoryBytes: number;
}): number {
  const { pod, container, memoryBytes } = options;
  const isCritical =
    pod.spec.priorityClassName === NODE_CRITICAL_CLASS || (pod.spec.priority ?? 0) >= NODE_CRITICAL_PRIORITY;
  const qosClass = computeQosClass(pod);
  if (isCritical || qosClass === "Guaranteed") return -997;
  if (qosClass === "BestEffort") return 1000;
  const request = parseQuantity(container.resources?.requests?.["memory"] ?? "0") ?? 0;
  return Math.min(Math.max(Math.trunc(1000 - (1000 * request) / memoryBytes), 3), 999);
}
