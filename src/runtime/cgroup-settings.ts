import type { ContainerResources, ResourceLimits } from "./isolation.ts";

/** The controllers that limits are set with. */
export const CONTROLLERS = ["cpu", "memory", "pids"] as const;
export type Controller = (typeof CONTROLLERS)[number];

/** A file of a cgroup and what is written to it. `optional`: not every kernel has it. */
export interface CgroupSetting {
  readonly file: string;
  readonly value: string;
  readonly optional: boolean;
}

/** Microseconds. Source: kubelet cm/helpers_linux.go QuotaPeriod. */
export const QUOTA_PERIOD_US = 100_000;

/**
 * What is written for one controller. Swap is none of a static pod's business, and one process killed for want of
 * memory takes its container with it, but not the whole pod. Source: kubelet cm/cgroup_v1_manager_linux.go,
 * cgroup_v2_manager_linux.go, kuberuntime_container_linux.go (memory.oom.group); runc libcontainer/cgroups fs and fs2.
 */
export function buildSettings(
  limits: ResourceLimits,
  options: {
    readonly controller: Controller;
    readonly version: 1 | 2;
    readonly level: "pod" | "container";
  },
): readonly CgroupSetting[] {
  const { controller, version, level } = options;
  const { cpuShares, cpuQuotaUs, memoryBytes, pids } = limits;
  const set = (file: string, value: string | number, optional = false): CgroupSetting => ({
    file,
    value: String(value),
    optional,
  });
  switch (controller) {
    case "cpu":
      return [
        ...(cpuShares === undefined
          ? []
          : [version === 1 ? set("cpu.shares", cpuShares) : set("cpu.weight", toWeight(cpuShares))]),
        ...(cpuQuotaUs === undefined ? [] : quotaSettings(cpuQuotaUs, { version, set })),
      ];
    case "memory":
      if (memoryBytes === undefined) return [];
      return version === 1
        ? [set("memory.limit_in_bytes", memoryBytes), set("memory.memsw.limit_in_bytes", memoryBytes, true)]
        : [
            set("memory.max", memoryBytes),
            set("memory.swap.max", 0, true),
            ...(level === "container" ? [set("memory.oom.group", 1, true)] : []),
          ];
    case "pids":
      return pids === undefined ? [] : [set("pids.max", pids)];
  }
}

function quotaSettings(
  cpuQuotaUs: number,
  {
    version,
    set,
  }: { readonly version: 1 | 2; readonly set: (file: string, value: string | number) => CgroupSetting },
): readonly CgroupSetting[] {
  return version === 1
    ? [set("cpu.cfs_period_us", QUOTA_PERIOD_US), set("cpu.cfs_quota_us", cpuQuotaUs)]
    : [set("cpu.max", `${cpuQuotaUs} ${QUOTA_PERIOD_US}`)];
}

/** Source: kubelet cm/cgroup_manager_linux.go getCPUWeight. */
function toWeight(cpuShares: number): number {
  return Math.floor(1 + ((cpuShares - 2) * 9999) / 262_142);
}

/** Whether a container or its pod sets anything that the controller does. The least CPU weight is what nobody asked for. */
export function asksFor({ container, pod }: ContainerResources, controller: Controller): boolean {
  const asks: Readonly<Record<Controller, (limits: ResourceLimits) => boolean>> = {
    cpu: ({ cpuShares = 2, cpuQuotaUs }) => cpuShares > 2 || cpuQuotaUs !== undefined,
    memory: ({ memoryBytes }) => memoryBytes !== undefined,
    pids: ({ pids }) => pids !== undefined,
  };
  return asks[controller](container) || asks[controller](pod);
}
