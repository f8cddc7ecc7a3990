import { SlipwayError } from "../../core/errors.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** Init systems answer when a service is up; the kubelet's own start takes seconds at most. */
const TIMEOUT_MS = 90_000;

/** Runs a program to its end. Raises SLIPWAY_KUBELET_SERVICE with what it said when it fails. */
export const runCommandHandler: StepHandler<"run-command"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const [command = "", ...args] = step.command;
    const { signal } = context;
    const result = await system.exec.run({ command, args, timeoutMs: TIMEOUT_MS, signal });
    signal.throwIfAborted();
    if (result.exitCode === 0) return undefined;
    const said = result.stderr.trim().split("\n").slice(-5);
    throw new SlipwayError({
      code: "SLIPWAY_KUBELET_SERVICE",
      what: `${step.command.join(" ")} failed`,
      why: result.startError ?? (result.timedOut ? "it did not end in time" : `exit code ${result.exitCode}`),
      fix: "run it by hand until it works, then hand over again: that goes on where it stopped; to go back: slipway handoff runner",
      details: said.filter((line) => line !== ""),
    });
  },
};
