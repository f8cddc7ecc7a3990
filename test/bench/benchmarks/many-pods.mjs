import { readCpuSeconds } from "../processes.mjs";
import { row } from "../statistics.mjs";
import { watchIdle } from "./measure-idle.mjs";
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
  const runs = tools.quick ? 1 : 5;
  const [seconds, cpuSeconds] = [[], []];
  let held;
  for (let run = 0; run < runs; run += 1) {
    const plain = await openPlainRoot(tools, `pods-${count}-${run}`);
    for (let index = 0; index < count; index += 1) await plain.writePod(buildPod(`sleep-${index}`));
    const startMs = performance.now();
    await plain.start();
    await waitForShims(plain.root, count);
    seconds.push((performance.now() - startMs) / 1000);
    const pid = await plain.readPid();
    cpuSeconds.push(await readCpuSeconds(pid));
    if (run === runs - 1) held = await watchIdle(tools, { runner: [pid] });
    await plain.close();
  }
  const each = (values) => values.map((value) => (value * 1000) / count);
  const { residentMb, percents } = held.seen.runner;
  return [
    row(`${count} pods from a cold runner`, "s", seconds),
    row(`${count} pods: each, to start`, "ms", each(seconds)),
    row(`${count} pods: each, CPU of the runner to start`, "ms", each(cpuSeconds)),
    row(`${count} pods held: runner, resident`, "MB", residentMb),
    row(`${count} pods held: CPU over ${held.seconds} s, of one core`, "%", percents),
  ];
}
