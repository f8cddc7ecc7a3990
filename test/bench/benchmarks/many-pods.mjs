import { setTimeout as sleep } from "node:timers/promises";
import { readCpuSeconds, readMemory } from "../processes.mjs";
import { row } from "../statistics.mjs";
import { buildPod, openPlainRoot, waitForShims } from "./plain-root.mjs";

/** The default of maxPods is 110. Source: pkg/kubelet/apis/config/v1beta1/defaults.go. */
const COUNTS = [10, 110, 500];

/** Many pods at once: how long a cold runner takes to start them, and what it costs to hold them. */
export async function benchmarkManyPods(tools) {
  const rows = [];
  for (const count of COUNTS) rows.push(...(await measureCount(tools, count)));
  return rows;
}

async function measureCount(tools, count) {
  const plain = await openPlainRoot(tools, `pods-${count}`);
  for (let index = 0; index < count; index += 1) await plain.writePod(buildPod(`sleep-${index}`));
  const startMs = performance.now();
  await plain.start();
  await waitForShims(plain.root, count);
  const seconds = (performance.now() - startMs) / 1000;
  const pid = await plain.readPid();
  const startCpuSeconds = await readCpuSeconds(pid);
  const idle = await measureCpu(tools, pid);
  const { residentMb } = await readMemory(pid);
  await plain.close();
  return [
    row(`${count} pods from a cold runner`, "s", [seconds]),
    row(`${count} pods: each, to start`, "ms", [(seconds * 1000) / count]),
    row(`${count} pods: each, CPU of the runner to start`, "ms", [(startCpuSeconds * 1000) / count]),
    row(`${count} pods held: runner, resident`, "MB", [residentMb]),
    row(`${count} pods held: CPU, of one core`, "%", [idle]),
  ];
}

async function measureCpu(tools, pid) {
  const seconds = tools.quick ? 10 : 60;
  await sleep(tools.quick ? 5000 : 20_000);
  const before = await readCpuSeconds(pid);
  await sleep(seconds * 1000);
  return ((await readCpuSeconds(pid)) - before) * (100 / seconds);
}
