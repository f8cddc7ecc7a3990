import { expect, test } from "vitest";
import { buildCadvisorMetrics } from "../../../../src/runner/cluster/cadvisor-metrics.ts";
import type { ContainerSpec, RuntimeContainer } from "../../../../src/runtime/types.ts";
import { buildPod, buildReport, buildRunnerOptions } from "../../../support/cluster-values.ts";
import { buildContainerSpec } from "../../../support/container-spec.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const REPORT = buildReport(buildPod());
const { name, namespace, uid } = REPORT.pod.metadata;
const FILES: Readonly<Record<string, string>> = {
  "/proc/stat": "cpu  100 20 300 4000 50 6 7 8 9 10\n",
  "/proc/meminfo": "MemTotal: 1000 kB\n",
  "/etc/machine-id": "m1\n",
  "/proc/sys/kernel/random/boot_id": "b1\n",
};
const system = createFakeSystem({
  fs: {
    readTextIfExists: async (path) => FILES[path],
    access: async (path) => path in FILES,
    totalBytes: async () => 0,
    freeBytes: async () => 0,
  },
});

/** The samples of what runs: a container by its name and what of its spec is special. */
async function build(running: Readonly<Record<string, Partial<ContainerSpec>>>): Promise<readonly string[]> {
  const containers = Object.entries(running).map(
    ([containerName, change]): RuntimeContainer => ({
      id: `id-${containerName}`,
      spec: buildContainerSpec({
        ...{ podUid: uid, podName: name, podNamespace: namespace, containerName, image: "i:1" },
        ...change,
      }),
      imageId: "",
      state: { kind: "running", pid: 7, startedAtMs: 1_500 },
    }),
  );
  const usage = { cpuSeconds: 2, memoryBytes: 9000, workingSetBytes: 4096, residentBytes: 1 };
  const idle = buildRunnerOptions();
  const runtime = {
    ...idle.runtime,
    list: async () => containers,
    usages: async () => new Map(containers.map(({ id }) => [id, usage])),
  };
  const text = await buildCadvisorMetrics(system, { options: { ...idle, runtime }, reports: [REPORT] });
  return text.split("\n").filter((line) => !line.startsWith("#") && line !== "");
}

test("the machine, a pod and its containers have cAdvisor's families and labels", async () => {
  const limits = { cpuShares: 512, cpuQuotaUs: 50_000, memoryBytes: 64 };
  const lines = await build({ web: { resources: { container: limits, pod: {} } }, side: {} });
  const atMs = system.clock.nowMs();
  const pod = `namespace="${namespace}",pod="${name}"`;
  const root = 'id="/",image="",name="",namespace="",pod=""';
  const whole = `id="/slipway/pod${uid}",image="",name="",${pod}`;
  const of = (own: string): string => `id="/slipway/pod${uid}/id-${own}",image="i:1",name="id-${own}",${pod}`;
  const cpu = "container_cpu_usage_seconds_total";
  const memory = (family: string, value: number): readonly string[] => [
    `container_memory_${family}{container="",${whole}} ${value * 2} ${atMs}`,
    `container_memory_${family}{container="web",${of("web")}} ${value} ${atMs}`,
    `container_memory_${family}{container="side",${of("side")}} ${value} ${atMs}`,
  ];
  const [web, side] = ["web", "side"].map((own) => `{container="${own}",${of(own)}}`);
  const used = system.host.totalMemoryBytes() - system.host.freeMemoryBytes();
  const machine = 'boot_id="b1",machine_id="m1",system_uuid="m1"';
  expect(lines).toEqual([
    `${cpu}{container="",cpu="total",${root}} 4.41 ${atMs}`,
    `${cpu}{container="",cpu="total",${whole}} 4 ${atMs}`,
    `${cpu}{container="web",cpu="total",${of("web")}} 2 ${atMs}`,
    `${cpu}{container="side",cpu="total",${of("side")}} 2 ${atMs}`,
    ...memory("rss", 1),
    ...memory("usage_bytes", 9000),
    `container_memory_working_set_bytes{container="",${root}} ${used} ${atMs}`,
    ...memory("working_set_bytes", 4096),
    `container_spec_cpu_period${web} 100000`,
    `container_spec_cpu_period${side} 100000`,
    `container_spec_cpu_quota${web} 50000`,
    `container_spec_cpu_shares${web} 512`,
    `container_spec_memory_limit_bytes${web} 64`,
    `container_spec_memory_limit_bytes${side} 0`,
    `container_start_time_seconds${web} 1`,
    `container_start_time_seconds${side} 1`,
    "container_scrape_error 0",
    `machine_cpu_cores{${machine}} ${system.host.cpuCount()}`,
    `machine_memory_bytes{${machine}} 1024000`,
    "machine_scrape_error 0",
  ]);
});

test("a pod of which nothing runs has no samples", async () => {
  expect((await build({})).join("\n")).not.toContain(name);
});
