import { describeFileError, systemErrorPath } from "../core/errors.ts";
import type { Plan, Step } from "../plan/types.ts";
import type { System } from "../system/system.ts";
import { observeComponents } from "./observe-components.ts";
import type { ApplyContext, Observation } from "./step-handler.ts";
import { handlerOf } from "./step-handlers.ts";

/** A step that is not done yet. */
export interface PlanDifference {
  readonly step: Step;
  readonly observation: Exclude<Observation, { readonly kind: "done" }>;
}

/** Kinds that leave something on this machine; the others only wait or ask the API server. */
const LASTING_KINDS: readonly Step["kind"][] = [
  "directory",
  "file",
  "certificate",
  "service-account-keys",
  "kubeconfig",
  "copy-kubeconfig",
  "copy-file",
  "encryption-config",
  "start-runner",
  "rotate-kubelet-cert",
];

/**
 * What of a plan is not there yet, and which components have to be restarted for it. Raises what stands in the way, such as a certificate of another CA, and
 * SLIPWAY_FILE_ACCESS.
 */
export async function observePlan(
  system: System,
  options: { readonly plan: Plan; readonly context: ApplyContext },
): Promise<readonly PlanDifference[]> {
  const steps = options.plan.steps.filter((step) => LASTING_KINDS.includes(step.kind));
  const observations = await Promise.all(
    steps.map(async (step) => ({ step, observation: await observeStep(system, { ...options, step }) })),
  );
  const differences = observations.flatMap(({ step, observation }) =>
    observation.kind === "done" ? [] : [{ step, observation }],
  );
  return [...differences, ...(await observeComponents(system, { ...options, differences }))];
}

async function observeStep(
  system: System,
  { step, context }: { readonly step: Step; readonly context: ApplyContext },
): Promise<Observation> {
  try {
    return await handlerOf(step).observe(system, { step, context });
  } catch (error) {
    throw describeFileError(error, { action: "look at", path: systemErrorPath(error) ?? describePath(step) });
  }
}

function describePath(step: Step): string {
  if ("certPath" in step) return step.certPath;
  return "path" in step ? step.path : step.title;
}
