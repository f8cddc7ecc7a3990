import type { PodReport } from "../../control/protocol.ts";
import type { System } from "../../system/system.ts";
import { type Family, formatFamilies, gauge } from "./format-families.ts";
import { type ProcessUsage, readProcessUsage } from "./read-process-usage.ts";

/** One container's use, by its main process. */
interface ContainerUse extends ProcessUsage {
  readonly labels: { readonly container: string; readonly pod: string; readonly namespace: string };
  readonly startedAtSeconds: number;
}

/**
 * What metrics-server asks a node for: CPU and memory of the node, of pods and of containers, each with its time.
 * Source: kubelet metrics/collectors/resource_metrics.go (its stable families).
 */
export async function buildResourceMetrics(
  system: Pick<System, "fs" | "host" | "clock">,
  reports: readonly PodReport[],
): Promise<string> {
  const atMs = system.clock.nowMs();
  const containers = (await Promise.all(reports.map((report) => readUse(system, report)))).flat();
  const pods = reports.map(({ pod }) => {
    const { name, namespace } = pod.metadata;
    const own = containers.filter(({ labels }) => labels.pod === name && labels.namespace === namespace);
    return { labels: { pod: name, namespace }, ...sum(own), isUsing: own.length > 0 };
  });
  const node = {
    labels: {},
    cpuSeconds: readCpuSeconds((await system.fs.readTextIfExists("/proc/stat")) ?? ""),
    residentBytes: system.host.totalMemoryBytes() - system.host.freeMemoryBytes(),
  };
  return formatFamilies([
    ...useFamilies("node", { uses: [node], atMs }),
    {
      ...gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds", 0),
      samples: containers.map(({ labels, startedAtSeconds }) => ({ labels, value: startedAtSeconds })),
    },
    ...useFamilies("container", { uses: containers, atMs }),
    ...useFamilies("pod", { uses: pods.filter(({ isUsing }) => isUsing), atMs }),
    gauge("resource_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", 0),
  ]);
}

function useFamilies(
  what: "node" | "container" | "pod",
  {
    uses,
    atMs,
  }: {
    readonly uses: readonly (ProcessUsage & { readonly labels: Readonly<Record<string, string>> })[];
    readonly atMs: number;
  },
): readonly Family[] {
  return [
    {
      name: `${what}_cpu_usage_seconds_total`,
      type: "counter",
      help: `Cumulative cpu time consumed by the ${what} in core-seconds`,
      samples: uses.map(({ labels, cpuSeconds }) => ({ labels, value: cpuSeconds, atMs })),
    },
    {
      name: `${what}_memory_working_set_bytes`,
      type: "gauge",
      help: `Current working set of the ${what} in bytes`,
      samples: uses.map(({ labels, residentBytes }) => ({ labels, value: residentBytes, atMs })),
    },
  ];
}

async function readUse(
  system: Pick<System, "fs">,
  { pod, containers }: PodReport,
): Promise<readonly ContainerUse[]> {
  const { name, namespace } = pod.metadata;
  const uses = containers.map(async (container) => {
    const usage = container.pid === undefined ? undefined : await readProcessUsage(system, container.pid);
    if (usage === undefined) return [];
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
    const startedAt = statuses.find((status) => status.name === container.name)?.state.running?.startedAt;
    const startedAtSeconds = Date.parse(startedAt ?? "") / 1000 || 0;
    return [{ ...usage, labels: { container: container.name, pod: name, namespace }, startedAtSeconds }];
  });
  return (await Promise.all(uses)).flat();
}

function sum(uses: readonly ProcessUsage[]): ProcessUsage {
  return {
    cpuSeconds: uses.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
    residentBytes: uses.reduce((total, { residentBytes }) => total + residentBytes, 0),
  };
}

/** All that is not idle or waiting for a disk, in ticks of 10 ms. Source: proc(5) stat. */
function readCpuSeconds(stat: string): number {
  const [user = 0, nice = 0, own = 0, , , irq = 0, softIrq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(stat)?.[1] ?? ""
  )
    .split(" ")
    .map(Number);
  return (user + nice + own + irq + softIrq + steal) / 100;
}
