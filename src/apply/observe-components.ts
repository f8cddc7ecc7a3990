import { connectRunner } from "../control/control-client.ts";
import { findComponent } from "../control/find-component.ts";
import type { PodReport } from "../control/protocol.ts";
import { SlipwayError } from "../core/errors.ts";
import type { Plan, Step } from "../plan/types.ts";
import type { System } from "../system/system.ts";
import { findStatus } from "./container-subject.ts";
import { findOutdatedFile } from "./find-outdated-file.ts";
import type { PlanDifference } from "./observe-plan.ts";
import type { ApplyContext } from "./step-handler.ts";

/**
 * Components that run with files that have changed or are going to, and so will be restarted; those whose manifest
 * changes are started anew without that. None when no runner answers.
 */
export async function observeComponents(
  system: System,
  options: {
    readonly plan: Plan;
    readonly context: ApplyContext;
    readonly differences: readonly PlanDifference[];
  },
): Promise<readonly PlanDifference[]> {
  const changed = new Set(options.differences.map(({ step }) => step.id));
  const changing = new Set(options.differences.flatMap(({ step }) => listMade(step)));
  const reports = await readReports(system, options.context);
  const found = new Map<string, PlanDifference>();
  for (const step of options.plan.steps) {
    if (step.kind !== "wait-component" || step.needs.some((id) => changed.has(id) && id !== "runner"))
      continue;
    const { component, loads } = step;
    // A component may be waited for twice.
    if (found.has(component)) continue;
    const report = findComponent(reports, component);
    if (report === undefined) continue;
    const startedAt = findStatus({ report, container: component })?.state.running?.startedAt;
    const path = await findOutdatedFile(system, { startedAt, loads, changing });
    if (path === undefined) continue;
    const what = `${component} is restarted: it runs with an older ${path}`;
    found.set(component, { step, observation: { kind: "differs", what } });
  }
  return [...found.values()];
}

/** Kinds that make one file that a component reads. */
const MADE_KINDS: readonly Step["kind"][] = ["kubeconfig", "file", "copy-file", "encryption-config"];

/** The files that a step writes. */
function listMade(step: Step): readonly string[] {
  if (step.kind === "certificate") return [step.certPath, step.keyPath];
  if (step.kind === "service-account-keys") return [step.keyPath, step.pubPath];
  return MADE_KINDS.includes(step.kind) && "path" in step ? [step.path] : [];
}

async function readReports(system: System, { paths }: ApplyContext): Promise<readonly PodReport[]> {
  try {
    const { controlSocketPath: socketPath, root } = paths;
    return await (await connectRunner(system, { socketPath, root })).pods();
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE") return [];
    throw error;
  }
}
