import { buildClusterAdminsBinding } from "../api/objects/bootstrap-rbac.ts";
import type { KubeObject } from "../api/types.ts";
import { API_ANSWERS_ID } from "./manifest-step.ts";
import type { PlanInput } from "./phase.ts";
import { kubeconfigStepId } from "./phases/kubeconfig.ts";
import type { Step } from "./types.ts";

/**
 * What every step that asks the API server has. It is asked while it still makes its own roles, one after the other:
 * when they are there, the machine has two more components to start.
 */
export function apiStep(
  { config, apiKubeconfigPath }: PlanInput,
  phase: string,
): {
  readonly phase: string;
  readonly needs: readonly string[];
  readonly kubeconfigPath: string;
  readonly timeoutMs: number;
} {
  return {
    phase,
    needs: [API_ANSWERS_ID, kubeconfigStepId("super-admin")],
    kubeconfigPath: apiKubeconfigPath,
    timeoutMs: config.apiCallTimeoutMs,
  };
}

/** Steps that create these objects; what `keep` names of one that is there stays as its users have it. */
export function objectSteps(
  input: PlanInput,
  options: {
    readonly phase: string;
    readonly objects: readonly KubeObject[];
    readonly keep?: Readonly<Record<string, readonly string[]>>;
  },
): readonly Step[] {
  return options.objects.map((object) => {
    const { name, namespace } = object.metadata;
    return {
      kind: "api-object",
      id: `object/${object.kind}/${namespace === undefined ? "" : `${namespace}/`}${name}`,
      title: `create ${object.kind} ${name}`,
      object,
      keep: options.keep?.[object.kind],
      ...apiStep(input, options.phase),
    };
  });
}

/**
 * Gives admin.conf its rights, before whatever is done first with the API. Source: kubeadm phases/kubeconfig
 * EnsureAdminClusterRoleBinding.
 */
export function adminRightsSteps(input: PlanInput, phase: string): readonly Step[] {
  return objectSteps(input, { phase, objects: [buildClusterAdminsBinding()] });
}
