import { describeFileError, SlipwayError, systemErrorPath, whenOurs } from "../core/errors.ts";
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
 * What of a plan is not there yet, and which components have to be restarted for it. Raises what stands in the way, such
 * as a certificate of another CA, and SLIPWAY_FILE_ACCESS.
 */
export async function observePlan(system: System, options: Observed): Promise<readonly PlanDifference[]> {
  const { context } = options;
  const looks = await Promise.all(
    listLasting(options.plan).map(async (step) => ({
      step,
      observation: await observeStep(system, { step, context }),
    })),
  );
  const differences = listDifferences(looks);
  return [...differences, ...(await observeComponents(system, { ...options, differences }))];
}

/** All that stands in the way of a plan, and not only the first: what observing each of its steps raises. */
export async function observeObstacles(
  system: System,
  options: Observed,
): Promise<readonly { readonly step: Step; readonly error: SlipwayError }[]> {
  return (await lookAtAll(system, options)).flatMap((look) => ("error" in look ? [look] : []));
}

/** What becomes of a step, for who asks before anything is done. */
export type StepState =
  | { readonly kind: "done" | "make" }
  /** It only waits, or asks the API server, which is not asked here. */
  | { readonly kind: "check" }
  | { readonly kind: "change"; readonly what: string }
  /** Something stands in the way. */
  | { readonly kind: "refuse"; readonly what: string }
  /** This user may not look. */
  | { readonly kind: "unknown"; readonly what: string };

/** What would become of each step of a plan, by its id. Changes nothing and never raises what stands in the way. */
export async function observeStates(
  system: System,
  options: Observed,
): Promise<ReadonlyMap<string, StepState>> {
  const looks = await lookAtAll(system, options);
  const differences = listDifferences(looks);
  const restarts = await observeComponents(system, { ...options, differences }).catch(whenOurs);
  return new Map<string, StepState>([
    ...options.plan.steps.map(({ id }) => [id, { kind: "check" }] as const),
    ...looks.map((look) => [look.step.id, describeLook(look)] as const),
    ...(restarts ?? []).map((look) => [look.step.id, describeLook(look)] as const),
  ]);
}

/** The same where nothing of init's is there. */
export function assumeNothing(plan: Plan): ReadonlyMap<string, StepState> {
  const lasting = listLasting(plan);
  return new Map(plan.steps.map((step) => [step.id, { kind: lasting.includes(step) ? "make" : "check" }]));
}

interface Observed {
  readonly plan: Plan;
  readonly context: ApplyContext;
}

/** What was seen of a step. */
type Look =
  | { readonly step: Step; readonly observation: Observation }
  | { readonly step: Step; readonly error: SlipwayError };

function lookAtAll(system: System, { plan, context }: Observed): Promise<readonly Look[]> {
  return Promise.all(
    listLasting(plan).map(async (step) => {
      try {
        return { step, observation: await observeStep(system, { step, context }) };
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
        return { step, error };
      }
    }),
  );
}

function listLasting(plan: Plan): readonly Step[] {
  return plan.steps.filter((step) => LASTING_KINDS.includes(step.kind));
}

function listDifferences(looks: readonly Look[]): readonly PlanDifference[] {
  return looks.flatMap((look) => {
    if ("error" in look || look.observation.kind === "done") return [];
    return [{ step: look.step, observation: look.observation }];
  });
}

function describeLook(look: Look): StepState {
  if ("error" in look) {
    const { code, what, why } = look.error;
    return { kind: code === "SLIPWAY_FILE_ACCESS" ? "unknown" : "refuse", what: `${what}: ${why}` };
  }
  const { observation } = look;
  if (observation.kind === "differs") return { kind: "change", what: observation.what };
  return { kind: observation.kind === "done" ? "done" : "make" };
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
