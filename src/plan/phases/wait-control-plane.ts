import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../../core/constants.ts";
import { listLoadedFiles } from "../loaded-files.ts";
import { manifestStepId, podUidOf, waitStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { kubeconfigPath, kubeconfigStepId } from "./kubeconfig.ts";
import { RUNNER_STEP_ID } from "./runner-start.ts";

/** Waits until each component answers, and until what every cluster has is there. */
export const waitControlPlanePhase: Phase = {
  name: "wait-control-plane",
  short: "Wait for the control plane to answer",
  plan: (input) =>
    input.runtime === "external"
      ? []
      : [
          ...CONTROL_PLANE_COMPONENTS.map((component) => waitStep(input, component)),
          readyStep(input),
          ...objectSteps(input),
        ],
};

function waitStep(input: PlanInput, component: ControlPlaneComponent): Step {
  const { config, healthUrls } = input;
  return {
    kind: "wait-component",
    id: waitStepId(component),
    phase: "wait-control-plane",
    title: `wait for ${component} at ${healthUrls[component]}`,
    needs: [RUNNER_STEP_ID, manifestStepId(component)],
    component,
    podUid: podUidOf(input, component),
    url: healthUrls[component],
    loads: listLoadedFiles(input, component),
    timeoutMs: config.controlPlaneHealthTimeoutMs,
  };
}

function readyStep({ config }: PlanInput): Step {
  return {
    kind: "wait-ready",
    id: "wait/ready",
    phase: "wait-control-plane",
    title: "wait until the runner calls all four ready",
    needs: CONTROL_PLANE_COMPONENTS.map(waitStepId),
    timeoutMs: config.controlPlaneHealthTimeoutMs,
  };
}

/** What the API server makes by itself, and a new cluster is expected to have. */
const FIRST_OBJECTS = [
  { what: "the default namespace", path: "/api/v1/namespaces/default" },
  { what: "the kubernetes Service", path: "/api/v1/namespaces/default/services/kubernetes" },
];

function objectSteps({ config, paths }: PlanInput): readonly Step[] {
  return FIRST_OBJECTS.map(({ what, path }) => ({
    kind: "wait-object",
    id: `object${path}`,
    phase: "wait-control-plane",
    title: `wait for ${what}`,
    needs: [waitStepId("kube-apiserver"), kubeconfigStepId("super-admin")],
    path,
    kubeconfigPath: kubeconfigPath(paths, "super-admin"),
    timeoutMs: config.controlPlaneHealthTimeoutMs,
  }));
}
