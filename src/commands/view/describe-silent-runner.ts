import { findRunners } from "../../apply/find-runners.ts";
import type { SlipwayError } from "../../core/errors.ts";
import { isSuspended } from "../../facts/is-suspended.ts";
import type { System } from "../../system/system.ts";
import { describeProblem } from "./read-pods.ts";

/** Of a runner that runs and does not answer: why, and the command that mends it; undefined where none runs. */
export async function describeSilentRunner(
  system: System,
  { problem, root }: { readonly problem: SlipwayError; readonly root: string },
): Promise<string | undefined> {
  const [pid] = await findRunners(system, root);
  if (pid === undefined) return undefined;
  if (await isSuspended(system, pid))
    return `pid ${pid} does nothing: somebody has stopped it (SIGSTOP, state T); to wake it: kill -CONT ${pid}`;
  return `pid ${pid} runs, but does not answer: ${problem.why}; to replace it: slipway runner restart`;
}

/** Why no runner answers, and what to do, also where none runs. */
export async function describeNoAnswer(
  system: System,
  silence: Parameters<typeof describeSilentRunner>[1],
): Promise<string> {
  return (await describeSilentRunner(system, silence)) ?? describeProblem(silence.problem);
}
