import { waitForPath } from "../../api/wait-for-path.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";
import { withClient } from "../with-client.ts";

/** Waits until the API has an object that the cluster makes by itself. Raises SLIPWAY_WAIT_TIMEOUT. */
export const waitObjectHandler: StepHandler<"wait-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    await withClient(system, {
      kubeconfigPath: step.kubeconfigPath,
      work: async (client) => {
        await waitForPath(system, {
          client,
          path: step.path,
          timeoutMs: step.timeoutMs,
          signal: context.signal,
        });
      },
    });
  },
};
