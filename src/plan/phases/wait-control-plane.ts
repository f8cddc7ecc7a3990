import { ownComponents } from "../../config/own-components.ts";
import type { ControlPlaneComponent } from "../../core/constants.ts";
import { apiAnswersUrl } from "../../manifests/component-ports.ts";
import { adminRightsSteps, apiStep, objectSteps } from "../api-steps.ts";
import { listLoadedFiles } from "../loaded-files.ts";
import { API_ANSWERS_ID, manifestStepId, podUidOf, waitStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths } from "./certs.ts";
import { kubeconfigStepId } from "./kubeconfig.ts";
import { RUNNER_STEP_ID } from "./kubelet-start.ts";

const NAME = "wait-control-plane";

/**
 * Waits until each component answers, and sees to what every new cluster has: the administrators' rights, and what
 * pods of the default namespace need, which the controller-manager would make seconds after it is healthy.
 */
export const waitControlPlanePhase: Phase = {
  name: NAME,
  short: "Wait for the control plane to answer",
  afterStart: true,
  plan: (input) => [
    ...ownComponents(input.config.cluster).flatMap((component) => waitSteps(input, component)),
    ...(input.runtime === "host" ? [readyStep(input)] : []),
    ...adminRightsSteps(input, NAME),
    ...waitObjectSteps(input),
    ...objectSteps(input, { phase: NAME, objects: [DEFAULT_SERVICE_ACCOUNT] }),
    rootCaStep(input),
  ],
};

function waitSteps(input: PlanInput, component: ControlPlaneComponent): readonly Step[] {
  const { healthUrls } = input;
  const ready = waitStep(input, { component, id: waitStepId(component), url: healthUrls[component] });
  if (component !== "kube-apiserver") return [ready];
  const answers = waitStep(input, { component, id: API_ANSWERS_ID, url: apiAnswersUrl(healthUrls) });
  return [
    // A failure of etcd is told before the API server's that comes of it.
    { ...answers, needs: [...answers.needs, waitStepId("etcd"), kubeconfigStepId("super-admin")] },
    { ...ready, needs: [...ready.needs, API_ANSWERS_ID] },
  ];
}

function waitStep(
  input: PlanInput,
  wait: { readonly component: ControlPlaneComponent; readonly id: string; readonly url: string },
): Step {
  const { component, url } = wait;
  return {
    kind: "wait-component",
    ...wait,
    phase: NAME,
    title: `wait for ${component} at ${url}`,
    needs: [RUNNER_STEP_ID, manifestStepId(component)],
    podUid: podUidOf(input, component),
    // Until it has made its own roles it refuses whoever needs one.
    kubeconfigPath: component === "kube-apiserver" ? input.apiKubeconfigPath : undefined,
    loads: listLoadedFiles(input, component),
    runtime: input.runtime,
    timeoutMs: input.config.controlPlaneHealthTimeoutMs,
  };
}

function readyStep({ config }: PlanInput): Step {
  return {
    kind: "wait-ready",
    id: "wait/ready",
    phase: NAME,
    title: "wait until the runner calls every component ready",
    needs: ownComponents(config.cluster).map(waitStepId),
    components: ownComponents(config.cluster),
    timeoutMs: config.controlPlaneHealthTimeoutMs,
  };
}

/** What the API server makes by itself, and a new cluster is expected to have. */
const FIRST_OBJECTS = [
  { what: "the default namespace", path: "/api/v1/namespaces/default" },
  { what: "the kubernetes Service", path: "/api/v1/namespaces/default/services/kubernetes" },
];

const DEFAULT_SERVICE_ACCOUNT = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace: "default" },
};

function waitObjectSteps(input: PlanInput): readonly Step[] {
  return FIRST_OBJECTS.map(({ what, path }) => ({
    kind: "wait-object",
    id: `object${path}`,
    title: `wait for ${what}`,
    path,
    ...apiStep(input, NAME),
    timeoutMs: input.config.controlPlaneHealthTimeoutMs,
  }));
}

function rootCaStep(input: PlanInput): Step {
  return {
    kind: "publish-ca",
    id: "object/ConfigMap/default/kube-root-ca.crt",
    title: "create ConfigMap kube-root-ca.crt",
    form: { kind: "root-ca", namespace: "default" },
    caCertPath: certificatePaths(input.config, "ca").certPath,
    ...apiStep(input, NAME),
  };
}
