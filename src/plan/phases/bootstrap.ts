import { buildBootstrapObjects } from "../../api/bootstrap-objects.ts";
import { manifestStepId, waitStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths } from "./certs.ts";
import { kubeconfigPath, kubeconfigStepId } from "./kubeconfig.ts";

/**
 * The role bindings that make admin.conf, logs and node certificates work, and what pods of the default namespace
 * need: the controller-manager would make those, but only seconds after it is healthy.
 */
export const bootstrapPhase: Phase = {
  name: "bootstrap-token",
  short: "Role bindings and what every pod needs",
  plan: (input) => (input.runtime === "external" ? [] : [...listObjects(input), publishRootCa(input)]),
};

const DEFAULT_SERVICE_ACCOUNT = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default", namespace: "default" },
};

function listObjects(input: PlanInput): readonly Step[] {
  const { kubernetesVersion } = input.config.cluster;
  return [...buildBootstrapObjects({ kubernetesVersion }), DEFAULT_SERVICE_ACCOUNT].map((object) => ({
    kind: "api-object",
    id: `object/${object.kind}/${object.metadata.name}`,
    title: `create ${object.kind} ${object.metadata.name}`,
    object,
    ...common(input),
  }));
}

function publishRootCa(input: PlanInput): Step {
  return {
    kind: "publish-root-ca",
    id: "object/ConfigMap/kube-root-ca.crt",
    title: "create ConfigMap kube-root-ca.crt",
    namespace: "default",
    caCertPath: certificatePaths(input.config, "ca").certPath,
    ...common(input),
  };
}

function common({ config, paths }: PlanInput) {
  return {
    phase: "bootstrap-token",
    // The last two components are slower than this phase, so they are started first.
    needs: [
      waitStepId("kube-apiserver"),
      manifestStepId("kube-controller-manager"),
      manifestStepId("kube-scheduler"),
      kubeconfigStepId("super-admin"),
    ],
    kubeconfigPath: kubeconfigPath(paths, "super-admin"),
    timeoutMs: config.apiCallTimeoutMs,
  };
}
