import type { ControlPlaneComponent } from "../../core/constants.ts";
import { CERTIFICATE_NAMES } from "../../pki/types.ts";
import { directoryStep } from "../directory-step.ts";
import { apiServerFileSteps } from "../hardening-steps.ts";
import { manifestStep, manifestStepId, waitStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificateStepId } from "./certs.ts";
import { kubeconfigStepId } from "./kubeconfig.ts";

/**
 * The manifests of the API server and of what talks to it. They are written in the order in which they can work:
 * the API server's after etcd's, the others when the API server is ready. The API server dials etcd some 350 ms after
 * its start, etcd listens 40 ms after its own: so the one loads while the other elects itself.
 */
export const controlPlanePhase: Phase = {
  name: "control-plane",
  short: "Static Pod manifests for the control plane",
  phases: [
    {
      name: "apiserver",
      short: "The manifest of kube-apiserver",
      plan: planApiServer,
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

function planApiServer(input: PlanInput): readonly Step[] {
  const files = apiServerFileSteps(input.config);
  return [
    ...files,
    ...manifestSteps(input, {
      component: "kube-apiserver",
      needs: [
        manifestStepId("etcd"),
        ...CERTIFICATE_NAMES.map(certificateStepId),
        "certs/sa",
        ...files.map(({ id }) => id),
      ],
    }),
  ];
}

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
