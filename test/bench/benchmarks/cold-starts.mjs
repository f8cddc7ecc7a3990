import { row } from "../statistics.mjs";

/** Far more than a busy machine takes. */
const TIMEOUT_MS = 180_000;

/**
 * All four at once, as after a reboot: fifty times after an orderly end, when nobody may have been restarted; then after
 * kill -9 of everything, when each has been restarted once more.
 */
export async function benchmarkColdStarts(tools) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const orderly = [];
  for (let run = 0; run < (tools.quick ? 5 : 50); run += 1) {
    await tools.stopPlane(plane);
    orderly.push(await start(tools, { plane, restarts: 0 }));
  }
  const killed = [];
  for (let run = 0; run < (tools.quick ? 2 : 7); run += 1) {
    await tools.cutPower(plane);
    killed.push(await start(tools, { plane, restarts: run + 1 }));
  }
  await plane.close();
  return [
    row("runner start until all four are ready, nothing running before", "s", orderly),
    row("kill -9 of everything, then runner start until all four are ready", "s", killed),
  ];
}

async function start(tools, { plane, restarts }) {
  tools.cleanUp.signal.throwIfAborted();
  const cold = await tools.startCold(plane, { timeoutMs: TIMEOUT_MS });
  if (Object.values(cold.restarts).some((count) => count !== restarts))
    throw new Error(`somebody did not come up at once: ${JSON.stringify(cold)}`);
  console.error(`  ${cold.seconds.toFixed(2)} s`);
  return cold.seconds;
}
