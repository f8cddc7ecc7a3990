import type { PodReport } from "../../control/protocol.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import type { ContainerUsage } from "../../runtime/read-container-usage.ts";
import type { System } from "../../system/system.ts";
import type { RunnerOptions } from "../types.ts";
import { readMachine } from "./read-machine.ts";
import { readNodeUse } from "./read-node-use.ts";
import { type ContainerUse, type PodUse, readPodUses } from "./read-pod-uses.ts";

/**
 * What the node, its pods and their containers use: `stats/summary`.
 * Source: kubelet pkg/apis/stats/v1alpha1 Summary; pkg/kubelet/stats helper.go cadvisorInfoToCPUandMemoryStats.
 */
export async function buildSummary(
  system: Pick<System, "fs" | "host" | "clock">,
  { options, reports }: { readonly options: RunnerOptions; readonly reports: readonly PodReport[] },
): Promise<object> {
  const time = formatRfc3339(system.clock.nowMs());
  const { stateDir } = options.paths;
  const { diskBytes } = await readMachine(system, { stateDir });
  const availableBytes = await system.fs.freeBytes(stateDir);
  const { cpuSeconds, workingSetBytes } = await readNodeUse(system);
  const pods = await readPodUses(options.runtime, reports);
  return {
    node: {
      nodeName: options.nodeName,
      cpu: { time, usageCoreNanoSeconds: toNanoSeconds(cpuSeconds) },
      memory: {
        time,
        availableBytes: system.host.freeMemoryBytes(),
        usageBytes: workingSetBytes,
        workingSetBytes,
      },
      fs: { time, capacityBytes: diskBytes, availableBytes, usedBytes: diskBytes - availableBytes },
    },
    pods: pods.map((use) => describePod(use, time)),
  };
}

function describePod({ report, containers, total }: PodUse, time: string): object {
  const { name, namespace, uid } = report.pod.metadata;
  const { startTime } = report.pod.status ?? {};
  return {
    podRef: { name, namespace, uid },
    ...(startTime === undefined ? {} : { startTime }),
    containers: containers.map((use) => describeContainer(use, time)),
    ...(total === undefined ? {} : describeUsage(total, time)),
  };
}

function describeContainer({ container: { spec, state }, usage }: ContainerUse, time: string): object {
  const { cpu, memory } = describeUsage(usage, time);
  const limit = spec.resources?.container.memoryBytes;
  // Never negative, though nobody keeps a container within its limit where there is no cgroup: the API's is a uint64.
  const availableBytes = Math.max(0, (limit ?? 0) - usage.workingSetBytes);
  return {
    name: spec.containerName,
    startTime: formatRfc3339(state.startedAtMs),
    cpu,
    memory: { ...memory, ...(limit === undefined ? {} : { availableBytes }) },
  };
}

function describeUsage(
  { cpuSeconds, memoryBytes, workingSetBytes, residentBytes }: ContainerUsage,
  time: string,
): { readonly cpu: object; readonly memory: object } {
  return {
    cpu: { time, usageCoreNanoSeconds: toNanoSeconds(cpuSeconds) },
    memory: { time, usageBytes: memoryBytes, workingSetBytes, rssBytes: residentBytes },
  };
}

function toNanoSeconds(seconds: number): number {
  return Math.round(seconds * 1e9);
}
