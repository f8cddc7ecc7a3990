import { SlipwayError } from "../../core/errors.ts";
import { findKubelet } from "../../facts/find-kubelet.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

const POLL_MS = 50;

/** A second kubelet would start every pod beside the runner's. Raises SLIPWAY_WAIT_TIMEOUT. */
export const waitNoKubeletHandler: StepHandler<"wait-no-kubelet"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const deadlineMs = system.clock.monotonicMs() + step.timeoutMs;
    for (;;) {
      const pid = await findKubelet(system, step);
      if (pid === undefined) return undefined;
      if (system.clock.monotonicMs() > deadlineMs)
        throw new SlipwayError({
          code: "SLIPWAY_WAIT_TIMEOUT",
          what: `the kubelet (pid ${pid}) still runs`,
          why: `it has been stopped, and did not end within ${step.timeoutMs / 1000} s, or something starts it anew`,
          fix: "stop what starts it, then run the hand-over again",
        });
      context.onWait(step, `the kubelet (pid ${pid}) still runs`);
      await system.clock.sleep(POLL_MS, context.signal);
    }
  },
};
