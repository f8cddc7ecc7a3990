import { setTimeout as sleep } from "node:timers/promises";
import { findShims, readCpuSeconds, readMemory } from "../processes.mjs";
import { row } from "../statistics.mjs";

/** What a runner and its shims cost while nothing happens. */
export async function measureIdle(tools, { root, what }) {
  const { stdout } = await tools.slipway("runner", "status", "--root", root, "-o", "json");
  const { pid } = JSON.parse(stdout);
  const seconds = tools.quick ? 20 : 60;
  await sleep(tools.quick ? 5000 : 20_000);
  const before = await readCpuSeconds(pid);
  await sleep(seconds * 1000);
  const percent = ((await readCpuSeconds(pid)) - before) * (100 / seconds);
  const runner = await readMemory(pid);
  const shims = await Promise.all((await findShims(root)).map(readMemory));
  const each = (name) => shims.map((memory) => memory[name]);
  return [
    row(`runner of ${what}: CPU over ${seconds} s, of one core`, "%", [percent]),
    row("runner: resident", "MB", [runner.residentMb]),
    row("runner: proportional share", "MB", [runner.shareMb]),
    row("runner: most ever resident", "MB", [runner.highestMb]),
    row("shim, one a container: resident", "MB", each("residentMb")),
    row("shim, one a container: proportional share", "MB", each("shareMb")),
  ];
}
