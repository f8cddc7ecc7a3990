import { applyObject } from "../../api/apply-object.ts";
import { openClient } from "../open-client.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** An object in the API, created or brought to what it should be. */
export const apiObjectHandler: StepHandler<"api-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const client = await openClient(system, step);
    try {
      await applyObject(system, {
        client,
        object: step.object,
        timeoutMs: step.timeoutMs,
        signal: context.signal,
      });
    } finally {
      client.close();
    }
  },
};
