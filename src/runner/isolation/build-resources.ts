import { computeQosClass } from "../../pod/qos-class.ts";
import { isPodLimited, readAmount, sumPodAmounts } from "../../pod/resource-amounts.ts";
import type { Container, Pod } from "../../pod/types.ts";
import type { ContainerResources, ResourceLimits } from "../../runtime/isolation.ts";

/** The kernel's least and most. Source: kubelet cm/helpers_linux.go MinShares, MaxShares, MinQuotaPeriod. */
const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const MIN_QUOTA_US = 1_000;

/**
 * The limits of a container's cgroup and its pod's. A pod whose containers are not all limited is not limited itself.
 * Source: kubelet kuberuntime_container_linux.go generateLinuxContainerResources, cm/helpers_linux.go ResourceConfigForPod.
 */
export function buildResources(options: {
  readonly pod: Pod;
  readonly container: Container;
  /** Zero or less: none. */
  readonly podPidsLimit: number;
}): ContainerResources {
  const { pod, podPidsLimit } = options;
  const { resources } = options.container;
  const cpu = readAmount(resources, { kind: "limits", name: "cpu" });
  const own = toLimits({
    cpuRequest: readAmount(resources, { kind: "requests", name: "cpu" }) ?? cpu,
    cpu,
    memory: readAmount(resources, { kind: "limits", name: "memory" }),
  });
  const limitOf = (name: "cpu" | "memory"): number | undefined =>
    isPodLimited(pod, name) ? sumPodAmounts(pod, { kind: "limits", name }) : undefined;
  const whole =
    computeQosClass(pod) === "BestEffort"
      ? { cpuShares: MIN_SHARES }
      : toLimits({
          cpuRequest: sumPodAmounts(pod, { kind: "requests", name: "cpu" }),
          cpu: limitOf("cpu"),
          memory: limitOf("memory"),
        });
  return { container: own, pod: { ...whole, ...(podPidsLimit <= 0 ? {} : { pids: podPidsLimit }) } };
}

/** CPU in thousandths, memory in bytes; 0 is as good as none. */
function toLimits(amounts: {
  readonly cpuRequest: number | undefined;
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
}): ResourceLimits {
  const { cpuRequest = 0, cpu = 0, memory = 0 } = amounts;
  const shares = Math.trunc((cpuRequest * 1024) / 1000);
  return {
    cpuShares: Math.min(Math.max(shares, MIN_SHARES), MAX_SHARES),
    ...(cpu === 0 ? {} : { cpuQuotaUs: Math.max(cpu * 100, MIN_QUOTA_US) }),
    ...(memory === 0 ? {} : { memoryBytes: memory }),
  };
}
