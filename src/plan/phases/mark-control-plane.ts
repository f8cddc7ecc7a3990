import { CONTROL_PLANE_LABEL } from "../../core/constants.ts";
import { waitStepId } from "../manifest-step.ts";
import type { Phase } from "../phase.ts";
import { kubeconfigPath, kubeconfigStepId } from "./kubeconfig.ts";
import { RUNNER_STEP_ID } from "./runner-start.ts";

/** Labels and taints the Node. Source: kubeadm phases/markcontrolplane. */
export const markControlPlanePhase: Phase = {
  name: "mark-control-plane",
  short: "Mark the node as a control plane",
  plan: ({ config, paths, runtime }) =>
    runtime === "external"
      ? []
      : [
          {
            kind: "mark-node",
            id: "mark-node",
            phase: "mark-control-plane",
            title: `label and taint the node ${config.nodeName}`,
            needs: [
              RUNNER_STEP_ID,
              waitStepId("kube-apiserver"),
              kubeconfigStepId("super-admin"),
              kubeconfigStepId("kubelet"),
            ],
            nodeName: config.nodeName,
            labels: {
              [CONTROL_PLANE_LABEL]: "",
              "node.kubernetes.io/exclude-from-external-load-balancers": "",
            },
            taints: config.taints,
            kubeconfigPath: kubeconfigPath(paths, "super-admin"),
            timeoutMs: config.apiCallTimeoutMs,
          },
        ],
};
