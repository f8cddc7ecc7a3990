import { join } from "node:path";
import { ownership } from "../../apply/ledger.ts";
import { assumeNothing, observeStates, type StepState } from "../../apply/observe-plan.ts";
import { isResetCutOff } from "../../apply/reset/reset-mark.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../core/constants.ts";
import { describeFileError } from "../../core/errors.ts";
import { manifestStepId } from "../../plan/manifest-step.ts";
import type { Step } from "../../plan/types.ts";
import type { System } from "../../system/system.ts";
import { lookingContext } from "../looking-context.ts";
import type { Ui } from "../ui.ts";
import { preflightEarlier } from "./preflight-init.ts";
import type { PreparedInit } from "./prepare-init.ts";
import { readEarlier } from "./read-earlier.ts";

/** The manifests that init would write, as one YAML stream, byte for byte. */
export function formatManifestStream({ manifests }: PreparedInit): string {
  return manifests.map(({ text }) => text).join("---\n");
}

/** The same pods as a v1 List. */
export function buildPodList({ manifests }: PreparedInit): {
  readonly apiVersion: "v1";
  readonly kind: "List";
  readonly items: readonly unknown[];
} {
  return { apiVersion: "v1", kind: "List", items: manifests.map(({ pod }) => pod) };
}

/** Writes the manifests into a directory that exists or whose parent does. Returns the paths. */
export async function writeManifests(
  system: System,
  options: { readonly prepared: Pick<PreparedInit, "manifests">; readonly outputDir: string },
): Promise<readonly string[]> {
  const { outputDir, prepared } = options;
  try {
    await system.fs.makeDir(outputDir, { mode: 0o755 });
    for (const { fileName, text } of prepared.manifests) {
      await system.fs.writeAtomic(join(outputDir, fileName), { data: text, mode: 0o600 });
    }
  } catch (error) {
    throw describeFileError(error, { action: "write the manifests to", path: outputDir });
  }
  return prepared.manifests.map(({ fileName }) => join(outputDir, fileName));
}

/**
 * What would become of each step, by its id. Looks at this machine alone and changes nothing. Raises SLIPWAY_PREFLIGHT
 * for what init would refuse to do to a control plane that is there. Source: kubeadm init --dry-run, which does its
 * preflight, too; here only this part, for the rest may be meant for another machine.
 */
export async function readStates(
  system: System,
  { prepared, ui }: { readonly prepared: PreparedInit; readonly ui: Ui },
): Promise<ReadonlyMap<string, StepState>> {
  const { plan, paths } = prepared;
  if (await isResetCutOff(system, paths)) {
    ui.note(`a reset of ${paths.root} was cut off: it would be finished first, and all of this made anew`);
    return assumeNothing(plan);
  }
  const earlier = await readEarlier(system, paths);
  await preflightEarlier(system, { prepared, ui, earlier });
  const isOurs = ownership(earlier);
  return observeStates(system, { plan, context: lookingContext({ paths, isOurs }) });
}

/** What of the manifests that a dry run prints is there already; undefined: nothing is. */
export function describeManifests(states: ReadonlyMap<string, StepState>): string | undefined {
  const list = (kind: StepState["kind"]): string =>
    CONTROL_PLANE_COMPONENTS.filter((name) => states.get(manifestStepId(name))?.kind === kind).join(", ");
  const [done, change] = [list("done"), list("change")];
  const parts = [
    ...(done === "" ? [] : [`there already as printed: ${done}`]),
    ...(change === "" ? [] : [`there otherwise, and would change: ${change}`]),
  ];
  return parts.length === 0 ? undefined : `${parts.join("; ")}. Every step: slipway init --plan`;
}

/** A step of the plan as `--plan` shows it. */
export interface PlannedStep {
  readonly phase: string;
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** `done`: it is there, and stays. `check`: it is looked at when the control plane runs, and made or mended then. */
  readonly state: StepState["kind"];
  /** What would change, stands in the way or may not be looked at. */
  readonly detail?: string;
}

/** What `--plan` prints. */
export interface PlanAnswer {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "Plan";
  readonly kubernetesVersion: string;
  readonly steps: readonly PlannedStep[];
}

/** The steps in the order of their phases, and what would become of each. */
export function describePlan(
  { plan }: Pick<PreparedInit, "plan">,
  states: ReadonlyMap<string, StepState>,
): PlanAnswer {
  const describe = ({ phase, id, title, needs }: Step): PlannedStep => {
    const state = states.get(id) ?? { kind: "check" };
    return { phase, id, title, needs, state: state.kind, ...("what" in state ? { detail: state.what } : {}) };
  };
  return {
    apiVersion: "slipway.dev/v1",
    kind: "Plan",
    kubernetesVersion: plan.kubernetesVersion,
    steps: plan.phases.flatMap(({ name }) => plan.steps.filter(({ phase }) => phase === name).map(describe)),
  };
}

/** How many steps of a plan come to what: `41 done already, 1 to change, 23 to check`. */
export function summarizePlan({ steps }: PlanAnswer): string {
  const counts = Object.entries(STATES).map(([state, text]) => ({
    count: steps.filter((step) => step.state === state).length,
    text,
  }));
  return counts.flatMap(({ count, text }) => (count === 0 ? [] : [`${count} ${text}`])).join(", ");
}

const STATES = {
  done: "done already",
  make: "to make",
  change: "to change",
  refuse: "not possible",
  unknown: "unknown to this user",
  check: "to check when it runs",
} as const satisfies Record<StepState["kind"], string>;
