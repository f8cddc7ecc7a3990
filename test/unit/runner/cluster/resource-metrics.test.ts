import { expect, test } from "vitest";
import type { PodReport } from "../../../../src/control/protocol.ts";
import { buildResourceMetrics } from "../../../../src/runner/cluster/resource-metrics.ts";
import type { RuntimeContainer } from "../../../../src/runtime/types.ts";
import { buildPod, buildReport, buildRunnerOptions } from "../../../support/cluster-values.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const REPORT = buildReport(buildPod());
const { name, namespace, uid } = REPORT.pod.metadata;
const PLACE = { podUid: uid, podName: name, podNamespace: namespace };

function build(names: readonly string[], reports: readonly PodReport[] = [REPORT]): Promise<string> {
  const readTextIfExists = async (): Promise<string> => "cpu  100 20 300 4000 50 6 7 8 9 10\ncpu0 1 2 3\n";
  const system = createFakeSystem({ fs: { readTextIfExists } });
  const containers = names.map(
    (containerName): RuntimeContainer => ({
      id: containerName,
      spec: buildContainerSpec({ ...PLACE, containerName }),
      imageId: "",
      state: { kind: "running", pid: 7, startedAtMs: 1_500 },
    }),
  );
  const usage = { cpuSeconds: 2, memoryBytes: 9000, workingSetBytes: 4096, residentBytes: 1 };
  const runtime = {
    ...buildRunnerOptions().runtime,
    list: async () => containers,
    usages: async () => new Map(names.map((id) => [id, usage])),
  };
  return buildResourceMetrics(system, { runtime, reports });
}

test("the node, a pod and its containers have the families that metrics-server reads, with their time", async () => {
  const lines = (await build(["web", "side"])).split("\n");
  const { clock, host } = createFakeSystem();
  const atMs = clock.nowMs();
  const pod = `pod="${name}",namespace="${namespace}"`;
  expect(lines.filter((line) => !line.startsWith("#") && line !== "")).toEqual([
    `node_cpu_usage_seconds_total 4.41 ${atMs}`,
    `node_memory_working_set_bytes ${host.totalMemoryBytes() - host.freeMemoryBytes()} ${atMs}`,
    `container_start_time_seconds{container="web",${pod}} 1.5`,
    `container_start_time_seconds{container="side",${pod}} 1.5`,
    `container_cpu_usage_seconds_total{container="web",${pod}} 2 ${atMs}`,
    `container_cpu_usage_seconds_total{container="side",${pod}} 2 ${atMs}`,
    `container_memory_working_set_bytes{container="web",${pod}} 4096 ${atMs}`,
    `container_memory_working_set_bytes{container="side",${pod}} 4096 ${atMs}`,
    `pod_cpu_usage_seconds_total{${pod}} 4 ${atMs}`,
    `pod_memory_working_set_bytes{${pod}} 8192 ${atMs}`,
    "resource_scrape_error 0",
  ]);
});

test("a pod of which nothing runs has no samples, nor has a container of a pod that is gone", async () => {
  expect(await build([])).not.toContain(name);
  expect(await build(["web"], [])).not.toContain(name);
  expect(await build([])).toContain("# TYPE pod_cpu_usage_seconds_total counter\n");
});
