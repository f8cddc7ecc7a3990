import { row } from "../statistics.mjs";

/** Far more than a busy machine takes. */
const TIMEOUT_MS = 180_000;

/** All four at once, as after a reboot, fifty times after an orderly end. Nobody may be restarted in a start. */
export function benchmarkColdStarts(tools) {
  const what = "runner start until all four are ready, nothing running before";
  return measure(tools, { what, runs: tools.quick ? 5 : 50, end: tools.stopPlane });
}

/** The same after kill -9 of everything: components, shims and the runner. */
export function benchmarkPowerCuts(tools) {
  const what = "kill -9 of everything, then runner start until all four are ready";
  return measure(tools, { what, runs: tools.quick ? 2 : 7, end: tools.cutPower });
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
