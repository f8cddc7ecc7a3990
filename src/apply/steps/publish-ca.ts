import { applyObject } from "../../api/apply-object.ts";
import { buildPublishedCa } from "../../api/objects/published-ca.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** A ConfigMap with the cluster's CA in it. */
export const publishCaHandler: StepHandler<"publish-ca"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const object = buildPublishedCa(step.form, await system.fs.readText(step.caCertPath));
    const client = await context.apiClient(step.kubeconfigPath);
    const { timeoutMs } = step;
    const applied = await applyObject(system, { client, object, timeoutMs, signal: context.signal });
    return applied === "unchanged" ? applied : undefined;
  },
};
