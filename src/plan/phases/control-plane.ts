import { CERTIFICATE_NAMES } from "../../pki/types.ts";
import { manifestStep, waitStepId } from "../manifest-step.ts";
import type { Phase } from "../phase.ts";
import { certificateStepId } from "./certs.ts";
import { kubeconfigStepId } from "./kubeconfig.ts";

/**
 * The manifests of the API server and of what talks to it. They are written in the order in which they can work:
 * the API server's when etcd answers, the others when the API server answers (design D6).
 */
export const controlPlanePhase: Phase = {
  name: "control-plane",
  short: "Static Pod manifests for the control plane",
  plan: (input) => [
    manifestStep(input, {
      component: "kube-apiserver",
      phase: "control-plane",
      needs: [waitStepId("etcd"), ...CERTIFICATE_NAMES.map(certificateStepId), "certs/sa"],
    }),
    manifestStep(input, {
      component: "kube-controller-manager",
      phase: "control-plane",
      needs: [waitStepId("kube-apiserver"), kubeconfigStepId("controller-manager")],
    }),
    manifestStep(input, {
      component: "kube-scheduler",
      phase: "control-plane",
      needs: [waitStepId("kube-apiserver"), kubeconfigStepId("scheduler")],
    }),
  ],
};
