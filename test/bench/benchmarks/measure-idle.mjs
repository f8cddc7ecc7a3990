import { setTimeout as sleep } from "node:timers/promises";
import { findShims, readCpuSeconds, readMemory } from "../processes.mjs";
import { row } from "../statistics.mjs";

/** What a runner and its shims cost while nothing happens. */
export async function measureIdle(tools, { root, what }) {
  const { stdout } = await tools.slipway("runner", "status", "--root", root, "-o", "json");
  const shims = await findShims(root);
  const { seconds, seen } = await watchIdle(tools, { runner: [JSON.parse(stdout).pid], shims });
  const ofOne = (megabytes) => megabytes.map((value) => value / shims.length);
  return [
    row(`runner of ${what}: CPU over ${seconds} s, of one core`, "%", seen.runner.percents),
    row("runner: resident", "MB", seen.runner.residentMb),
    row("runner: proportional share", "MB", seen.runner.shareMb),
    row("runner: most ever resident", "MB", seen.runner.highestMb),
    row("shim, one a container: resident", "MB", ofOne(seen.shims.residentMb)),
    row("shim, one a container: proportional share", "MB", ofOne(seen.shims.shareMb)),
  ];
}

/**
 * Processes that have come to rest, by groups and a few times over: the CPU of each group in percent of one core, and
 * its memory in MB at the end of each window.
 */
export async function watchIdle(tools, groups) {
  const [windows, seconds] = tools.quick ? [1, 10] : [5, 20];
  await sleep(tools.quick ? 5000 : 20_000);
  const names = Object.keys(groups);
  const seen = Object.fromEntries(
    names.map((name) => [name, { percents: [], residentMb: [], shareMb: [], highestMb: [] }]),
  );
  for (let window = 0; window < windows; window += 1) {
    tools.cleanUp.signal.throwIfAborted();
    const before = await Promise.all(names.map((name) => sumOf(groups[name], readCpuSeconds)));
    await sleep(seconds * 1000);
    for (const [index, name] of names.entries()) {
      const used = (await sumOf(groups[name], readCpuSeconds)) - before[index];
      seen[name].percents.push(used * (100 / seconds));
      for (const kind of ["residentMb", "shareMb", "highestMb"])
        seen[name][kind].push(await sumOf(groups[name], async (pid) => (await readMemory(pid))[kind]));
    }
  }
  return { seconds, seen };
}

async function sumOf(pids, read) {
  return (await Promise.all(pids.map(read))).reduce((sum, value) => sum + value, 0);
}
