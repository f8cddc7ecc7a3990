import { buildBootstrapObjects } from "../../api/bootstrap-objects.ts";
import { waitStepId } from "../manifest-step.ts";
import type { Phase } from "../phase.ts";
import { kubeconfigPath, kubeconfigStepId } from "./kubeconfig.ts";

/** The role bindings that make admin.conf, logs and node certificates work. */
export const bootstrapPhase: Phase = {
  name: "bootstrap-token",
  short: "Role bindings for the administrator and for nodes",
  plan: ({ config, paths, runtime }) =>
    runtime === "external"
      ? []
      : buildBootstrapObjects({ kubernetesVersion: config.cluster.kubernetesVersion }).map((object) => ({
          kind: "api-object",
          id: `object/${object.kind}/${object.metadata.name}`,
          phase: "bootstrap-token",
          title: `create ${object.kind} ${object.metadata.name}`,
          needs: [waitStepId("kube-apiserver"), kubeconfigStepId("super-admin")],
          object,
          kubeconfigPath: kubeconfigPath(paths, "super-admin"),
          timeoutMs: config.apiCallTimeoutMs,
        })),
};
