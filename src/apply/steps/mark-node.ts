import { markNode } from "../../api/mark-node.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";

/** Labels and taints on the Node, once it has registered. */
export const markNodeHandler: StepHandler<"mark-node"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    const client = await context.apiClient(step.kubeconfigPath);
    const marked = await markNode(system, { client, ...step, signal: context.signal });
    return marked === "unchanged" ? marked : undefined;
  },
};
