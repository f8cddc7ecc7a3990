import { row } from "../statistics.mjs";

/** Far more than a busy machine takes. */
const TIMEOUT_MS = 180_000;

/**
 * All four at once, as after a reboot: fifty times after an orderly end, then after kill -9 of everything. Nobody may be
 * restarted in a start.
 */
export async function benchmarkColdStarts(tools) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const orderly = [];
  let starts = 0;
  while (orderly.length < (tools.quick ? 5 : 50)) {
    await tools.stopPlane(plane);
    starts += 1;
    orderly.push(await start(tools, { plane, starts }));
  }
  const killed = [];
  while (killed.length < (tools.quick ? 2 : 7)) {
    await tools.cutPower(plane);
    starts += 1;
    killed.push(await start(tools, { plane, starts }));
  }
  await plane.close();
  return [
    row("runner start until all four are ready, nothing running before", "s", orderly),
    row("kill -9 of everything, then runner start until all four are ready", "s", killed),
  ];
}

async function start(tools, { plane, starts }) {
  tools.cleanUp.signal.throwIfAborted();
  const cold = await tools.startCold(plane, { timeoutMs: TIMEOUT_MS, starts });
  if (Object.values(cold.restarts).some((count) => count !== 0))
    throw new Error(`somebody did not come up at once: ${JSON.stringify(cold)}`);
  console.error(`  ${cold.seconds.toFixed(2)} s`);
  return cold.seconds;
}
