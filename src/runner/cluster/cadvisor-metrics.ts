import type { PodReport } from "../../control/protocol.ts";
import { QUOTA_PERIOD_US } from "../../runtime/cgroup-settings.ts";
import type { ContainerUsage } from "../../runtime/read-container-usage.ts";
import type { System } from "../../system/system.ts";
import type { RunnerOptions } from "../types.ts";
import { type Family, formatFamilies, gauge } from "./format-families.ts";
import { readMachine } from "./read-machine.ts";
import { readNodeUse } from "./read-node-use.ts";
import { type ContainerUse, type PodUse, readPodUses } from "./read-pod-uses.ts";

type Labels = Readonly<Record<string, string>>;

/** Something that is measured, under cAdvisor's labels. */
interface Measured {
  readonly labels: Labels;
  readonly usage: Partial<ContainerUsage>;
}

/**
 * What dashboards read of the machine, of pods and of containers, under cAdvisor's names and labels, as far as the
 * runner counts it. Source: github.com/google/cadvisor/lib metrics/prometheus.go and prometheus_machine.go; kubelet
 * server/server.go containerPrometheusLabelsFunc.
 */
export async function buildCadvisorMetrics(
  system: Pick<System, "fs" | "host" | "clock">,
  { options, reports }: { readonly options: RunnerOptions; readonly reports: readonly PodReport[] },
): Promise<string> {
  const atMs = system.clock.nowMs();
  const machine = await readMachine(system, options.paths);
  const pods = await readPodUses(options.runtime, reports);
  const containers = pods.flatMap((pod) => pod.containers);
  const measured = [
    { labels: labelsOf({ id: "/" }), usage: await readNodeUse(system) },
    ...pods.flatMap(describePod),
    ...containers.map((use) => ({ labels: containerLabels(use), usage: use.usage })),
  ];
  const machineLabels = {
    boot_id: machine.bootId,
    machine_id: machine.machineId,
    system_uuid: machine.systemUuid,
  };
  const ofMachine = (name: string, help: string, value: number): Family => ({
    ...gauge(name, help, value),
    samples: [{ labels: machineLabels, value }],
  });
  return formatFamilies([
    ...usageFamilies(measured, atMs),
    ...specFamilies(containers),
    gauge(
      "container_scrape_error",
      "1 if there was an error while getting container metrics, 0 otherwise",
      0,
    ),
    ofMachine("machine_cpu_cores", "Number of logical CPU cores.", machine.cpuCount),
    ofMachine("machine_memory_bytes", "Amount of memory installed on the machine.", machine.memoryKiB * 1024),
    gauge("machine_scrape_error", "1 if there was an error while getting machine metrics, 0 otherwise.", 0),
  ]);
}

function usageFamilies(measured: readonly Measured[], atMs: number): readonly Family[] {
  const memory = (name: string, help: string, key: keyof ContainerUsage): Family => ({
    name: `container_memory_${name}`,
    type: "gauge",
    help,
    samples: measured.flatMap(({ labels, usage: { [key]: value } }) =>
      value === undefined ? [] : [{ labels, value, atMs }],
    ),
  });
  return [
    {
      name: "container_cpu_usage_seconds_total",
      type: "counter",
      help: "Cumulative cpu time consumed in seconds.",
      samples: measured.map(({ labels, usage: { cpuSeconds = 0 } }) => {
        const { container = "", ...others } = labels;
        return { labels: { container, cpu: "total", ...others }, value: cpuSeconds, atMs };
      }),
    },
    memory("rss", "Size of RSS in bytes.", "residentBytes"),
    memory(
      "usage_bytes",
      "Current memory usage in bytes, including all memory regardless of when it was accessed",
      "memoryBytes",
    ),
    memory("working_set_bytes", "Current working set in bytes.", "workingSetBytes"),
  ];
}

/** A limit of memory that is not set is 0, a quota or share that is not set no sample. */
function specFamilies(containers: readonly ContainerUse[]): readonly Family[] {
  const spec = (
    name: string,
    help: string,
    read: (use: ContainerUse["container"]) => number | undefined,
  ): Family => ({
    name: `container_${name}`,
    type: "gauge",
    help,
    samples: containers.flatMap((use) => {
      const value = read(use.container);
      return value === undefined ? [] : [{ labels: containerLabels(use), value }];
    }),
  });
  return [
    spec("spec_cpu_period", "CPU period of the container.", () => QUOTA_PERIOD_US),
    spec("spec_cpu_quota", "CPU quota of the container.", ({ spec }) => spec.resources?.container.cpuQuotaUs),
    spec("spec_cpu_shares", "CPU share of the container.", ({ spec }) => spec.resources?.container.cpuShares),
    spec(
      "spec_memory_limit_bytes",
      "Memory limit for the container.",
      ({ spec }) => spec.resources?.container.memoryBytes ?? 0,
    ),
    spec("start_time_seconds", "Start time of the container since unix epoch in seconds.", ({ state }) =>
      Math.floor(state.startedAtMs / 1000),
    ),
  ];
}

function describePod({ report, total }: PodUse): readonly Measured[] {
  const { name: pod, namespace, uid } = report.pod.metadata;
  return total === undefined
    ? []
    : [{ labels: labelsOf({ id: `/slipway/pod${uid}`, pod, namespace }), usage: total }];
}

/** The id is the cgroup, whether or not this machine lets it be made. */
function containerLabels({ container: { id, spec } }: ContainerUse): Labels {
  return labelsOf({
    container: spec.containerName,
    id: `/slipway/pod${spec.podUid}/${id}`,
    image: spec.image,
    name: id,
    namespace: spec.podNamespace,
    pod: spec.podName,
  });
}

/** All of a family have the same labels; those that do not apply are empty. */
function labelsOf(known: Labels): Labels {
  return { container: "", id: "", image: "", name: "", namespace: "", pod: "", ...known };
}
