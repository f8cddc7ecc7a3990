import { expect, test } from "vitest";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildResourceMetrics } from "../../../../src/runner/cluster/resource-metrics.ts";
import { buildPod } from "../../../support/build-pod.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const FILES: Readonly<Record<string, string>> = {
  "/proc/stat": "cpu  100 20 300 4000 50 6 7 8 9 10\ncpu0 1 2 3\n",
  "/proc/7/stat": "7 (a b) S 1 7 7 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 99",
  "/proc/7/status": "Name:\ta b\nVmRSS:\t    2048 kB\n",
};

function createReport(pid: number | undefined): PodReport {
  const running = { startedAt: "2026-11-29T10:00:00Z" };
  const pod = {
    ...buildPod({ name: "web" }),
    status: { phase: "Running", containerStatuses: [{ name: "web", state: { running } }] },
  };
  const report: unknown = { pod, containers: [{ name: "web", pid }] };
  // Only what the metrics are made from.
  return report as PodReport;
}

test("the node, a pod and its container have the families that metrics-server reads, with their time", async () => {
  const readText = async (path: string): Promise<string> => FILES[path] ?? "";
  const system = createFakeSystem({ fs: { readText, readTextIfExists: readText } });
  const lines = (await buildResourceMetrics(system, [createReport(7)])).split("\n");
  const atMs = system.clock.nowMs();
  const names = 'pod="web-node-1",namespace="default"';
  const total = system.host.totalMemoryBytes() - system.host.freeMemoryBytes();
  expect(lines.filter((line) => !line.startsWith("#") && line !== "")).toEqual([
    `node_cpu_usage_seconds_total 4.41 ${atMs}`,
    `node_memory_working_set_bytes ${total} ${atMs}`,
    `container_start_time_seconds{container="web",${names}} ${Date.parse("2026-11-29T10:00:00Z") / 1000}`,
    `container_cpu_usage_seconds_total{container="web",${names}} 2 ${atMs}`,
    `container_memory_working_set_bytes{container="web",${names}} 2097152 ${atMs}`,
    `pod_cpu_usage_seconds_total{${names}} 2 ${atMs}`,
    `pod_memory_working_set_bytes{${names}} 2097152 ${atMs}`,
    "resource_scrape_error 0",
  ]);
});

test("a pod of which nothing runs has no samples", async () => {
  const text = await buildResourceMetrics(createFakeSystem(), [createReport(undefined)]);
  expect(text).not.toContain("web-node-1");
  expect(text).toContain("# TYPE pod_cpu_usage_seconds_total counter\n");
});
