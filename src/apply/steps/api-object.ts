import { applyObject } from "../../api/apply-object.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";
import { withClient } from "../with-client.ts";

/** An object in the API, created or brought to what it should be. */
export const apiObjectHandler: StepHandler<"api-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    await withClient(system, {
      kubeconfigPath: step.kubeconfigPath,
      work: async (client) => {
        await applyObject(system, {
          client,
          object: step.object,
          timeoutMs: step.timeoutMs,
          signal: context.signal,
        });
      },
    });
  },
};
