import { setTimeout as sleep } from "node:timers/promises";
import { findShims, readCpuSeconds, readMemory } from "../processes.mjs";
import { row } from "../statistics.mjs";

/** What a runner and its shims cost while nothing happens. */
export async function measureIdle(tools, { root, what }) {
  const { stdout } = await tools.slipway("runner", "status", "--root", root, "-o", "json");
  const { pid } = JSON.parse(stdout);
  const { seconds, percents, memories } = await watchIdle(tools, pid);
  const shims = await Promise.all((await findShims(root)).map(readMemory));
  const each = (seen, name) => seen.map((memory) => memory[name]);
  return [
    row(`runner of ${what}: CPU over ${seconds} s, of one core`, "%", percents),
    row("runner: resident", "MB", each(memories, "residentMb")),
    row("runner: proportional share", "MB", each(memories, "shareMb")),
    row("runner: most ever resident", "MB", each(memories, "highestMb")),
    row("shim, one a container: resident", "MB", each(shims, "residentMb")),
    row("shim, one a container: proportional share", "MB", each(shims, "shareMb")),
  ];
}

/** A process that has come to rest, a few times over: its CPU in percent of one core, and its memory at each end. */
export async function watchIdle(tools, pid) {
  const [windows, seconds] = tools.quick ? [1, 10] : [5, 20];
  await sleep(tools.quick ? 5000 : 20_000);
  const [percents, memories] = [[], []];
  for (let window = 0; window < windows; window += 1) {
    tools.cleanUp.signal.throwIfAborted();
    const before = await readCpuSeconds(pid);
    await sleep(seconds * 1000);
    percents.push(((await readCpuSeconds(pid)) - before) * (100 / seconds));
    memories.push(await readMemory(pid));
  }
  return { seconds, percents, memories };
}
