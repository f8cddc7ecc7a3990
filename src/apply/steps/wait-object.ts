import { waitForPath } from "../../api/wait-for-path.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** Waits until the API has an object that the cluster makes by itself. Raises SLIPWAY_WAIT_TIMEOUT. */
export const waitObjectHandler: StepHandler<"wait-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const { path, timeoutMs } = step;
    const client = await context.apiClient(step.kubeconfigPath);
    await waitForPath(system, { client, path, timeoutMs, signal: context.signal });
  },
};
