import { setTimeout as sleep } from "node:timers/promises";
import type { TestPlane } from "../plane.ts";
import { listPlaneProcesses } from "./plane-processes.ts";
import type { Chance } from "./random.ts";

/** How soon an init system notices that a service has ended. */
const LOOK_MS = 200;

/**
 * What an init system does, and nothing more: starts the runner again when it has ended, now at once and now after a
 * while. Gives the problems of starts that failed though no runner was there.
 */
export function keepRunner(
  plane: TestPlane,
  chance: Chance,
): { readonly close: () => Promise<readonly string[]>; readonly starts: () => number } {
  const problems: string[] = [];
  let closed = false;
  let starts = 0;
  const keep = async (): Promise<void> => {
    for (; !closed; await sleep(LOOK_MS)) {
      if (listPlaneProcesses(plane.root).runners.length > 0) continue;
      await sleep(chance.between(0, 1) < 0.5 ? 0 : chance.between(0, 3_000));
      const { exitCode, stderr } = await plane.slipway("runner", "start");
      starts += 1;
      const killedAgain = listPlaneProcesses(plane.root).runners.length === 0;
      if (exitCode !== 0 && !killedAgain) problems.push(stderr);
    }
  };
  const done = keep();
  return {
    starts: () => starts,
    close: async () => {
      closed = true;
      await done;
      return problems;
    },
  };
}
