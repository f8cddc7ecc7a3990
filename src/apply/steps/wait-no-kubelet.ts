import { SlipwayError } from "../../core/errors.ts";
import { findOtherRunners } from "../../facts/find-other-runners.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

const POLL_MS = 50;

/** A second kubelet would start every pod beside the runner's. Raises SLIPWAY_WAIT_TIMEOUT. */
export const waitNoKubeletHandler: StepHandler<"wait-no-kubelet"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const deadlineMs = system.clock.monotonicMs() + step.timeoutMs;
    for (;;) {
      const [kubelet] = (await findOtherRunners(system, step)).filter(({ command }) => command === "kubelet");
      if (kubelet === undefined) return undefined;
      if (system.clock.monotonicMs() > deadlineMs)
        throw new SlipwayError({
          code: "SLIPWAY_WAIT_TIMEOUT",
          what: `the kubelet (pid ${kubelet.pid}) still runs`,
          why: `it has been stopped, and did not end within ${step.timeoutMs / 1000} s, or something starts it anew`,
          fix: "stop what starts it, then run the hand-over again",
        });
      context.onWait(step, `the kubelet (pid ${kubelet.pid}) still runs`);
      await system.clock.sleep(POLL_MS, context.signal);
    }
  },
};
