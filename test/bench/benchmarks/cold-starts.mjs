import { randomInt } from "node:crypto";
import { join } from "node:path";
import { row } from "../statistics.mjs";

/** Far more than a busy machine takes. */
const TIMEOUT_MS = 180_000;

/** All four at once, as after a reboot, fifty times after an orderly end. Nobody may be restarted in a start. */
export function benchmarkColdStarts(tools) {
  const what = "runner start until all four are ready, nothing running before";
  return measure(tools, { what, runs: tools.quick ? 5 : 50, end: tools.stopPlane });
}

/** The same after kill -9 of everything: components, shims and the runner; then with the runner's files damaged, too. */
export async function benchmarkPowerCuts(tools) {
  const what = "kill -9 of everything, then runner start until all four are ready";
  const rows = await measure(tools, { what, runs: tools.quick ? 2 : 7, end: tools.cutPower });
  return [...rows, await measureDamaged(tools, { what: `${what}, half of its files damaged` })];
}

/** Each from a seed of its own; `SLIPWAY_POWER_CUT_SEED` is the first one's. */
async function measureDamaged(tools, { what }) {
  const plane = await tools.openPlane();
  const stateDir = join(plane.root, "var/lib/slipway");
  const old = tools.keepOldState(stateDir);
  const forget = tools.cleanUp.add(async () => old.close());
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const first = Number(process.env.SLIPWAY_POWER_CUT_SEED ?? randomInt(2 ** 31));
  const seconds = [];
  for (let seed = first; seed < first + (tools.quick ? 2 : 20); seed += 1) {
    tools.cleanUp.signal.throwIfAborted();
    await tools.cutPower(plane);
    const chance = tools.createChance(seed);
    const damages = tools.STATE_KINDS.flatMap((kind) => tools.damageState(stateDir, { kind, chance, old }));
    console.error(`  seed ${seed}: ${tools.describeDamages(damages)}`);
    seconds.push((await tools.startCold(plane, { timeoutMs: TIMEOUT_MS })).seconds);
  }
  await forget();
  await plane.close();
  return row(what, "s", seconds);
}

async function measure(tools, { what, runs, end }) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const seconds = [];
  for (let starts = 1; starts <= runs; starts += 1) {
    await end(plane);
    seconds.push(await start(tools, { plane, starts }));
  }
  await plane.close();
  return [row(what, "s", seconds)];
}

async function start(tools, { plane, starts }) {
  tools.cleanUp.signal.throwIfAborted();
  const cold = await tools.startCold(plane, { timeoutMs: TIMEOUT_MS, starts });
  if (Object.values(cold.restarts).some((count) => count !== 0))
    throw new Error(`somebody did not come up at once: ${JSON.stringify(cold)}`);
  console.error(`  ${cold.seconds.toFixed(2)} s`);
  return cold.seconds;
}
