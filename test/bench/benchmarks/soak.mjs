import { randomInt } from "node:crypto";
import { row } from "../statistics.mjs";

const MINUTES = 20;

/**
 * A plane to which everything happens that may happen, for twenty minutes (one with --quick), while a client writes and
 * reads. What went wrong is an error, with the seed that repeats it.
 */
export async function benchmarkSoak(tools) {
  const plane = await tools.openPlane();
  await tools.slipway("init", "--config", plane.configPath, "--root", plane.root);
  const report = await tools.runSoak(plane, {
    seconds: tools.quick ? 60 : MINUTES * 60,
    seed: Number(process.env.SLIPWAY_SOAK_SEED ?? randomInt(2 ** 31)),
    tell: (line) => console.error(`  ${line}`),
    signal: tools.cleanUp.signal,
  });
  console.error(`  ${JSON.stringify(report)}`);
  if (report.problems.length > 0) throw new Error(`seed ${report.seed}:\n${report.problems.join("\n")}`);
  await plane.close();
  const { faults, load, looks, readySeconds, runnerStarts } = report;
  const faultCount = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return [
    row("faults injected", "", [faultCount]),
    row("starts of the runner", "", [runnerStarts]),
    row("writes acknowledged", "", [load.acknowledged]),
    row("writes without an answer, or refused", "", [load.unanswered]),
    row("acknowledged writes lost", "", [load.lost.length]),
    row("looks for two processes of one component, none found", "", [looks]),
    row("last fault until all four are ready", "s", [readySeconds]),
  ];
}
