import { waitForPath } from "../../api/wait-for-path.ts";
import { openClient } from "../open-client.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** Waits until the API has an object that the cluster makes by itself. Raises SLIPWAY_WAIT_TIMEOUT. */
export const waitObjectHandler: StepHandler<"wait-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const client = await openClient(system, step);
    try {
      await waitForPath(system, {
        client,
        path: step.path,
        timeoutMs: step.timeoutMs,
        signal: context.signal,
      });
    } finally {
      client.close();
    }
  },
};
