import { CONTROL_PLANE_LABEL } from "../../core/constants.ts";
import { adminRightsSteps, apiStep } from "../api-steps.ts";
import type { Phase } from "../phase.ts";
import { kubeconfigStepId } from "./kubeconfig.ts";
import { RUNNER_STEP_ID } from "./kubelet-start.ts";

const NAME = "mark-control-plane";

/** Labels and taints the Node. Source: kubeadm phases/markcontrolplane. */
export const markControlPlanePhase: Phase = {
  name: NAME,
  short: "Mark the node as a control plane",
  afterStart: true,
  plan: (input) => {
    const base = apiStep(input, NAME);
    return [
      ...adminRightsSteps(input, NAME),
      {
        kind: "mark-node",
        id: "mark-node",
        title: `label and taint the node ${input.config.nodeName}`,
        nodeName: input.config.nodeName,
        labels: {
          [CONTROL_PLANE_LABEL]: "",
          "node.kubernetes.io/exclude-from-external-load-balancers": "",
        },
        taints: input.config.taints,
        ...base,
        needs: [...base.needs, RUNNER_STEP_ID, kubeconfigStepId("kubelet")],
      },
    ];
  },
};
