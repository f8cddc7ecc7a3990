import type { ControlPlaneComponent } from "../../core/constants.ts";
import { CERTIFICATE_NAMES } from "../../pki/types.ts";
import { directoryStep } from "../directory-step.ts";
import { ETCD_ANSWERS_ID, manifestStep, waitStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificateStepId } from "./certs.ts";
import { kubeconfigStepId } from "./kubeconfig.ts";

/**
 * The manifests of the API server and of what talks to it. They are written in the order in which they can work:
 * the API server's when etcd answers, the others when the API server is ready. etcd has a leader up to a second after
 * it answers; the API server needs longer until it asks for anything.
 */
export const controlPlanePhase: Phase = {
  name: "control-plane",
  short: "Static Pod manifests for the control plane",
  phases: [
    {
      name: "apiserver",
      short: "The manifest of kube-apiserver",
      plan: (input) =>
        manifestSteps(input, {
          component: "kube-apiserver",
          needs: [ETCD_ANSWERS_ID, ...CERTIFICATE_NAMES.map(certificateStepId), "certs/sa"],
        }),
    },
    {
      name: "controller-manager",
      short: "The manifest of kube-controller-manager",
      plan: (input) =>
        manifestSteps(input, {
          component: "kube-controller-manager",
          needs: [waitStepId("kube-apiserver"), kubeconfigStepId("controller-manager")],
        }),
    },
    {
      name: "scheduler",
      short: "The manifest of kube-scheduler",
      plan: (input) =>
        manifestSteps(input, {
          component: "kube-scheduler",
          needs: [waitStepId("kube-apiserver"), kubeconfigStepId("scheduler")],
        }),
    },
  ],
};

function manifestSteps(
  input: PlanInput,
  manifest: { readonly component: ControlPlaneComponent; readonly needs: readonly string[] },
): readonly Step[] {
  const phase = "control-plane";
  return [
    directoryStep({ phase, path: input.paths.manifestDir, mode: 0o700 }),
    manifestStep(input, { ...manifest, phase }),
  ];
}
