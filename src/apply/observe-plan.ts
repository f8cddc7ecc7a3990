import { describeFileError, SlipwayError, systemErrorPath } from "../core/errors.ts";
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
  const observations = await Promise.all(
    listLasting(options.plan).map(async (step) => ({
      step,
      observation: await observeStep(system, { ...options, step }),
    })),
  );
  const differences = observations.flatMap(({ step, observation }) =>
    observation.kind === "done" ? [] : [{ step, observation }],
  );
  return [...differences, ...(await observeComponents(system, { ...options, differences }))];
}

/** All that stands in the way of a plan, and not only the first: what observing each of its steps raises. */
export async function observeObstacles(
  system: System,
  options: { readonly plan: Plan; readonly context: ApplyContext },
): Promise<readonly { readonly step: Step; readonly error: SlipwayError }[]> {
  const found = await Promise.all(
    listLasting(options.plan).map(async (step) => {
      try {
        await observeStep(system, { ...options, step });
        return [];
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        return [{ step, error }];
      }
    }),
  );
  return found.flat();
}

function listLasting(plan: Plan): readonly Step[] {
  return plan.steps.filter((step) => LASTING_KINDS.includes(step.kind));
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
