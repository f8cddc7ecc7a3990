import { applyObject } from "../../api/apply-object.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** An object in the API, created or brought to what it should be. */
export const apiObjectHandler: StepHandler<"api-object"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const { object, keep, timeoutMs } = step;
    const client = await context.apiClient(step.kubeconfigPath);
    const applied = await applyObject(system, {
      client,
      object,
      ...(keep === undefined ? {} : { keep }),
      timeoutMs,
      signal: context.signal,
    });
    return applied === "unchanged" ? applied : undefined;
  },
};
