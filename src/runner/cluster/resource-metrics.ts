import type { PodReport } from "../../control/protocol.ts";
import type { Runtime } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import { type Family, formatFamilies, gauge } from "./format-families.ts";
import { type NodeUse, readNodeUse } from "./read-node-use.ts";
import { readPodUses } from "./read-pod-uses.ts";

/** What something uses, under its labels. */
interface Use extends NodeUse {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What metrics-server asks a node for: CPU and memory of the node, of pods and of containers, each with its time.
 * Source: kubelet metrics/collectors/resource_metrics.go (its stable families).
 */
export async function buildResourceMetrics(
  system: Pick<System, "fs" | "host" | "clock">,
  { runtime, reports }: { readonly runtime: Runtime; readonly reports: readonly PodReport[] },
): Promise<string> {
  const atMs = system.clock.nowMs();
  const pods = await readPodUses(runtime, reports);
  const containers = pods.flatMap(({ containers: own }) =>
    own.map(({ container: { spec, state }, usage }) => ({
      ...usage,
      labels: { container: spec.containerName, pod: spec.podName, namespace: spec.podNamespace },
      startedAtSeconds: state.startedAtMs / 1000,
    })),
  );
  const podUses = pods.flatMap(({ report, total }) => {
    const { name, namespace } = report.pod.metadata;
    return total === undefined ? [] : [{ ...total, labels: { pod: name, namespace } }];
  });
  return formatFamilies([
    ...useFamilies("node", { uses: [{ ...(await readNodeUse(system)), labels: {} }], atMs }),
    {
      ...gauge("container_start_time_seconds", "Start time of the container since unix epoch in seconds", 0),
      samples: containers.map(({ labels, startedAtSeconds }) => ({ labels, value: startedAtSeconds })),
    },
    ...useFamilies("container", { uses: containers, atMs }),
    ...useFamilies("pod", { uses: podUses, atMs }),
    gauge("resource_scrape_error", "1 if there was an error while getting container metrics, 0 otherwise", 0),
  ]);
}

function useFamilies(
  what: "node" | "container" | "pod",
  { uses, atMs }: { readonly uses: readonly Use[]; readonly atMs: number },
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
      samples: uses.map(({ labels, workingSetBytes }) => ({ labels, value: workingSetBytes, atMs })),
    },
  ];
}
