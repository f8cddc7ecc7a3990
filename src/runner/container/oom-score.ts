import { NODE_CRITICAL_CLASS, NODE_CRITICAL_PRIORITY } from "../../core/constants.ts";
import { computeQosClass } from "../../pod/qos-class.ts";
import { readAmount } from "../../pod/resource-amounts.ts";
import type { Container, Pod } from "../../pod/types.ts";

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
  const share = shareOfPodRequest(pod);
  const scoreOf = (request: number): number =>
    1000 - Math.trunc((1000 * (request + share)) / Math.trunc(memoryBytes));
  const own = scoreOf(requestOf(container));
  const isSidecar =
    container.restartPolicy === "Always" && pod.spec.initContainers?.includes(container) === true;
  const score = isSidecar ? Math.min(own, scoreOf(Math.min(...pod.spec.containers.map(requestOf)))) : own;
  return Math.min(Math.max(score, 3), 999);
}

/** What the pod as a whole asks for beyond its containers, divided among them. Source: remainingPodMemReqPerContainer. */
function shareOfPodRequest(pod: Pod): number {
  const whole = readAmount(pod.spec.resources, { kind: "requests", name: "memory" });
  if (whole === undefined) return 0;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  const lasting = [...sidecars, ...pod.spec.containers];
  const asked = lasting.map(requestOf).reduce((sum, request) => sum + request, 0);
  return Math.trunc(Math.max(whole - asked, 0) / lasting.length);
}

function requestOf({ resources }: Container): number {
  return readAmount(resources, { kind: "requests", name: "memory" }) ?? 0;
}
