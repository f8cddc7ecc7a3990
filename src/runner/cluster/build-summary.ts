import type { PodReport } from "../../control/protocol.ts";
import { formatRfc3339 } from "../../core/rfc3339.ts";
import type { System } from "../../system/system.ts";
import type { RunnerOptions } from "../types.ts";
import { readMachine } from "./read-machine.ts";
import { readProcessUsage } from "./read-process-usage.ts";

/**
 * What the node and its containers use: `stats/summary`. A container's numbers are those of its main process.
 * Source: kubelet pkg/apis/stats/v1alpha1 Summary.
 */
export async function buildSummary(
  system: Pick<System, "fs" | "host" | "clock">,
  { options, reports }: { readonly options: RunnerOptions; readonly reports: readonly PodReport[] },
): Promise<object> {
  const time = formatRfc3339(system.clock.nowMs());
  const { stateDir } = options.paths;
  const machine = await readMachine(system, { stateDir });
  const [free, availableBytes] = [system.host.freeMemoryBytes(), await system.fs.freeBytes(stateDir)];
  const memoryBytes = machine.memoryKiB * 1024;
  return {
    node: {
      nodeName: options.nodeName,
      memory: { time, availableBytes: free, usageBytes: memoryBytes - free },
      fs: {
        time,
        capacityBytes: machine.diskBytes,
        availableBytes,
        usedBytes: machine.diskBytes - availableBytes,
      },
    },
    pods: await Promise.all(reports.map((report) => describePod(system, { report, time }))),
  };
}

async function describePod(
  system: Pick<System, "fs">,
  { report, time }: { readonly report: PodReport; readonly time: string },
): Promise<object> {
  const { name, namespace, uid } = report.pod.metadata;
  const containers = await Promise.all(
    report.containers.map(async (container) => {
      const usage = container.pid === undefined ? undefined : await readProcessUsage(system, container.pid);
      if (usage === undefined) return { name: container.name };
      return {
        name: container.name,
        cpu: { time, usageCoreNanoSeconds: Math.round(usage.cpuSeconds * 1e9) },
        memory: { time, rssBytes: usage.residentBytes, workingSetBytes: usage.residentBytes },
      };
    }),
  );
  const { startTime } = report.pod.status ?? {};
  return { podRef: { name, namespace, uid }, ...(startTime === undefined ? {} : { startTime }), containers };
}
