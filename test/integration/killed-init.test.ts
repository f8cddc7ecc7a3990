import { afterAll, beforeAll, describe, test } from "vitest";
import {
  buildFaultyProgram,
  type FaultPlane,
  type FaultyProgram,
  listSteps,
  prepareFaultPlane,
} from "../support/faults/fault-plane.ts";
import { MOMENTS, type Moment } from "../support/faults/reach-point.ts";

// Every step of init with stand-ins for the components: some three CPU minutes, for half a second each is spent in
// Node's start alone. With the real ones: `killed-for-real`.

const isAlwaysDone = (step: string): boolean => /^(?:answers|wait|object)\/|^upload-certs$/.test(step);
// The ledger's own directory is there with the ledger.
const STEPS = (await listSteps("--upload-certs")).map((step) =>
  step === "dir:ROOT/var/lib/slipway" ? "ledger" : step,
);
/** These leave something that the next init keeps. */
const LASTING = STEPS.filter((step) => !isAlwaysDone(step));
/** These are done, or tried, by every init: some share a plane. */
const REPEATED = STEPS.filter(isAlwaysDone);
const SHARE = 3;

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

/** What is done in the midst of these is done for the next init: what comes after has a plane of its own. */
function listChains(step: string): readonly (readonly Moment[])[] {
  return step.startsWith("dir:") || step === "runner" ? [["before", "after"], ["in"]] : [MOMENTS];
}

describe.concurrent("init that is killed", () => {
  const chains = LASTING.flatMap((step) => listChains(step).map((moments) => ({ step, moments })));
  const shares = Array.from({ length: Math.ceil(REPEATED.length / SHARE) }, (_, index) =>
    REPEATED.slice(index * SHARE, (index + 1) * SHARE),
  );

  test.each(chains)("$moments $step goes on, and reset undoes it", ({ step, moments }) =>
    onPlane(async (plane) => {
      for (const moment of moments) await plane.kill("init", moment, step);
      await plane.bringUp();
      await plane.undo();
    }),
  );

  test.each(shares.map((steps) => ({ steps })))("before, in and after each of $steps goes on", ({ steps }) =>
    onPlane(async (plane) => {
      for (const step of steps) {
        for (const moment of MOMENTS) await plane.kill("init", moment, step);
        await plane.bringUp();
      }
      await plane.undo();
    }),
  );

  test.each([...LASTING, "wait/kube-apiserver", "upload-certs"])("in %s is undone by reset", (step) =>
    onPlane(async (plane) => {
      await plane.kill("init", "in", step);
      await plane.undo();
    }),
  );
});
