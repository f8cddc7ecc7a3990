import type { PodReport } from "../../control/protocol.ts";
import { type Family, formatFamilies, gauge } from "./format-families.ts";

/** What the metrics are made from. */
export interface MetricsInput {
  readonly nodeName: string;
  readonly kubeletVersion: string;
  readonly reports: readonly PodReport[];
  readonly runningContainers: number;
  readonly exitedContainers: number;
  readonly startedAtMs: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/**
 * The runner in the text format of Prometheus, under the names that a kubelet uses for the same things; restarts,
 * which a kubelet leaves to others, under kube-state-metrics' name.
 * Source: kubelet metrics/metrics.go, component-base metrics/legacyregistry, prometheus exposition format 0.0.4.
 */
export function formatMetrics(input: MetricsInput): string {
  return formatFamilies([...nodeFamilies(input), ...podFamilies(input), ...processFamilies(input)]);
}

function nodeFamilies({ nodeName, kubeletVersion }: MetricsInput): readonly Family[] {
  return [
    {
      ...gauge("kubelet_node_name", "The node's name. The count is always 1.", 1),
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      ...gauge("kubernetes_build_info", "A constant 1, labeled by the version that is acted as.", 1),
      samples: [{ labels: { git_version: kubeletVersion }, value: 1 }],
    },
  ];
}

function podFamilies({ reports, runningContainers, exitedContainers }: MetricsInput): readonly Family[] {
  const running = reports.filter(({ pod }) => pod.status?.phase === "Running").length;
  const desired = reports.filter((report) => !report.terminating).length;
  return [
    gauge("kubelet_running_pods", "Number of pods that have a running container.", running),
    {
      ...gauge("kubelet_running_containers", "Number of containers by state.", 0),
      samples: [
        { labels: { container_state: "running" }, value: runningContainers },
        { labels: { container_state: "exited" }, value: exitedContainers },
      ],
    },
    {
      ...gauge("kubelet_desired_pods", "Number of pods that are to run.", 0),
      samples: [{ labels: { static: "true" }, value: desired }],
    },
    gauge("kubelet_mirror_pods", "Number of mirror pods that there should be.", desired),
    {
      name: "kube_pod_container_status_restarts_total",
      type: "counter",
      help: "The number of container restarts per container.",
      samples: reports.flatMap(restartsOf),
    },
  ];
}

function restartsOf({ pod }: PodReport): Family["samples"] {
  const { name, namespace } = pod.metadata;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].map((status) => ({
    labels: { namespace, pod: name, container: status.name },
    value: status.restartCount,
  }));
}

function processFamilies(input: MetricsInput): readonly Family[] {
  return [
    {
      ...gauge("process_cpu_seconds_total", "CPU time of the runner in seconds.", input.cpuSeconds),
      type: "counter",
    },
    gauge("process_resident_memory_bytes", "Resident memory of the runner in bytes.", input.residentBytes),
    gauge(
      "process_start_time_seconds",
      "Start of the runner since unix epoch in seconds.",
      input.startedAtMs / 1000,
    ),
  ];
}
