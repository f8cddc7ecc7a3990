import { markNode } from "../../api/mark-node.ts";
import { ABSENT, type StepHandler } from "../step-handler.ts";
import { withClient } from "../with-client.ts";

/** Labels and taints on the Node, once it has registered. */
export const markNodeHandler: StepHandler<"mark-node"> = {
  observe: async () => ABSENT,
  apply: async (system, { step, context }) => {
    await withClient(system, {
      kubeconfigPath: step.kubeconfigPath,
      work: async (client) => {
        await markNode(system, { client, ...step, signal: context.signal });
      },
    });
  },
};
