import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildNode, buildNodeMetadata, buildNodeStatus } from "../../../../src/runner/cluster/build-node.ts";
import { readMachine } from "../../../../src/runner/cluster/read-machine.ts";
import { createSystem } from "../../../../src/system/create-system.ts";
import { buildKubeletConfiguration, buildRunnerOptions } from "../../../support/cluster-values.ts";
import { createFakeSystem } from "../../../support/fake-system.ts";

const silent = () => undefined;
const system = createSystem({ log: { error: silent, warn: silent, info: silent, debug: silent } });

test("a Node is registered with the user's labels and taints; a label of the machine's own stays the user's", async () => {
  const registerWithTaints = [{ key: "a", effect: "NoExecute" }];
  const options = buildRunnerOptions({
    kubelet: buildKubeletConfiguration({ registerWithTaints }),
    nodeLabels: { "kubernetes.io/hostname": "other", rack: "7" },
  });
  const facts = { options, machine: await readMachine(system, { stateDir: "/" }), nowMs: 0 };
  const node = buildNode(facts);
  expect(node.metadata.labels).toMatchObject({
    "kubernetes.io/hostname": "other",
    "kubernetes.io/os": "linux",
    rack: "7",
  });
  expect(node["spec"]).toEqual({
    taints: [...registerWithTaints, { key: "slipway.dev/host-runtime", effect: "NoSchedule" }],
  });
  const { labels } = buildNodeMetadata(facts);
  expect(labels).toMatchObject({ "kubernetes.io/hostname": "other" });
  expect(labels).not.toHaveProperty("rack");
});

test("huge pages are shown by size, and are no other memory", async () => {
  const rootDir = await mkdtemp(join(tmpdir(), "slipway-node-"));
  const pages = join(rootDir, "sys/kernel/mm/hugepages");
  for (const [name, count] of [
    ["hugepages-2048kB", "512\n"],
    ["hugepages-1048576kB", "0\n"],
  ] as const) {
    await mkdir(join(pages, name), { recursive: true });
    await writeFile(join(pages, name, "nr_hugepages"), count);
  }
  await mkdir(join(rootDir, "proc"));
  await writeFile(join(rootDir, "proc/meminfo"), "MemTotal: 4194304 kB\n");
  const machine = await readMachine(createFakeSystem({ rootDir }), { stateDir: "/" });
  const status = buildNodeStatus({ options: buildRunnerOptions(), machine, nowMs: 0 }, undefined);
  const shown = { "hugepages-1Gi": "0", "hugepages-2Mi": "1Gi" };
  expect(status["capacity"]).toMatchObject({ ...shown, memory: "4Gi" });
  expect(status["allocatable"]).toMatchObject({ ...shown, memory: "2972Mi" });
  await rm(rootDir, { recursive: true });
});
