import { afterAll, beforeAll, describe, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  listSteps,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import { MOMENTS, type Moment } from "../support/faults/reach-point.ts";

// The ledger's own directory is there with the ledger.
const STEPS = (await listSteps("--upload-certs")).map((step) =>
  step === "dir:ROOT/var/lib/slipway" ? "ledger" : step,
);

let program: FaultyProgram;

beforeAll(async () => {
  program = await buildFaultyProgram();
});
afterAll(() => program.remove());

async function onPlane(work: (plane: FaultPlane) => Promise<void>): Promise<void> {
  const plane = await prepareFaultPlane(program, {
    components: program.components,
    initArgs: ["--upload-certs"],
  });
  try {
    await work(plane);
  } finally {
    await plane.destroy();
  }
}

/** What is done in the midst of these is done in the next init, too: each moment has a plane of its own. */
function chain(step: string): readonly (readonly Moment[])[] {
  return step.startsWith("dir:") || step === "runner" ? MOMENTS.map((moment) => [moment]) : [MOMENTS];
}

describe.concurrent("init that is killed", () => {
  const chains = STEPS.flatMap((step) => chain(step).map((moments) => ({ step, moments })));

  test.each(chains)("$moments $step goes on, and reset undoes it", ({ step, moments }) =>
    onPlane(async (plane) => {
      for (const moment of moments) await plane.kill("init", moment, step);
      await plane.bringUp();
      await plane.undo();
    }),
  );

  test.each(STEPS)("in %s is undone by reset", (step) =>
    onPlane(async (plane) => {
      await plane.kill("init", "in", step);
      await plane.undo();
    }),
  );
});
