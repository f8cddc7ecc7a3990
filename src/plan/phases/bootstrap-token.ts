import { buildBootstrapRbac } from "../../api/objects/bootstrap-rbac.ts";
import { adminServer } from "../../kubeconfig/kubeconfig-list.ts";
import { adminRightsSteps, apiStep, objectSteps } from "../api-steps.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths } from "./certs.ts";

const NAME = "bootstrap-token";

/** What lets nodes join: tokens, the rights that they give, and what the nodes know the cluster by. */
export const bootstrapTokenPhase: Phase = {
  name: NAME,
  short: "Tokens and rights for joining nodes",
  aliases: ["bootstraptoken"],
  afterStart: true,
  plan: (input) => [
    ...adminRightsSteps(input, NAME),
    ...tokenSteps(input),
    ...objectSteps(input, {
      phase: NAME,
      objects: buildBootstrapRbac({ kubernetesVersion: input.config.cluster.kubernetesVersion }),
    }),
    clusterInfoStep(input),
  ],
};

/** The plan says which token; its value is no part of it. */
function tokenSteps(input: PlanInput): readonly Step[] {
  return input.config.bootstrapTokens.map(({ token, ...settings }, index) => ({
    kind: "bootstrap-token",
    id: `token/${index}`,
    title:
      token === undefined ? "create a bootstrap token" : "create the bootstrap token of the configuration",
    index,
    settings,
    ...apiStep(input, NAME),
  }));
}

function clusterInfoStep(input: PlanInput): Step {
  return {
    kind: "publish-ca",
    id: "object/ConfigMap/kube-public/cluster-info",
    title: "create ConfigMap cluster-info",
    form: { kind: "cluster-info", server: adminServer(input.config) },
    caCertPath: certificatePaths(input.config, "ca").certPath,
    ...apiStep(input, NAME),
  };
}
