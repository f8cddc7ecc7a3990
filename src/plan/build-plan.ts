import { dirname } from "node:path";
import { SlipwayError } from "../core/errors.ts";
import { selectNearest } from "../core/nearest.ts";
import type { Phase, PlanInput } from "./phase.ts";
import { bootstrapPhase } from "./phases/bootstrap.ts";
import { certsPhase } from "./phases/certs.ts";
import { controlPlanePhase } from "./phases/control-plane.ts";
import { etcdPhase } from "./phases/etcd.ts";
import { kubeconfigPhase } from "./phases/kubeconfig.ts";
import { markControlPlanePhase } from "./phases/mark-control-plane.ts";
import { runnerStartPhase } from "./phases/runner-start.ts";
import { waitControlPlanePhase } from "./phases/wait-control-plane.ts";
import type { Plan, Step } from "./types.ts";

/** The phases of init, in the order in which they are shown. */
export const INIT_PHASES: readonly Phase[] = [
  certsPhase,
  kubeconfigPhase,
  etcdPhase,
  controlPlanePhase,
  runnerStartPhase,
  waitControlPlanePhase,
  markControlPlanePhase,
  bootstrapPhase,
];

/**
 * What init will do, as a value. A step runs as soon as everything it needs is done, so that etcd starts while
 * certificates are still being made. Raises SLIPWAY_USAGE for an unknown phase to skip.
 */
export function buildPlan(input: PlanInput): Plan {
  const skipped = new Set(input.config.skipPhases.map(checkPhaseName));
  const phases = INIT_PHASES.filter((phase) => !skipped.has(phase.name));
  const steps = keepInternalNeeds(phases.flatMap((phase) => phase.plan(input)));
  return {
    kubernetesVersion: input.config.cluster.kubernetesVersion,
    phases: phases
      .filter((phase) => steps.some((step) => step.phase === phase.name))
      .map(({ name, short }) => ({ name, short })),
    steps,
    trees: listTrees(input),
    sharedTrees: [input.config.cluster.etcd.dataDir],
  };
}

/** Phases that other tools may name although nothing is planned for them. */
const NAMES_WITHOUT_STEPS = ["preflight"];

function checkPhaseName(name: string): string {
  const known = [...NAMES_WITHOUT_STEPS, ...INIT_PHASES.map((phase) => phase.name)];
  if (known.includes(name)) return name;
  const nearest = selectNearest(name, known);
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `cannot skip the phase "${name}"`,
    why: "there is no phase of that name",
    fix: nearest === undefined ? `use one of: ${known.join(", ")}` : `did you mean "${nearest}"?`,
  });
}

function keepInternalNeeds(steps: readonly Step[]): readonly Step[] {
  const ids = new Set(steps.map((step) => step.id));
  return steps.map((step) => ({ ...step, needs: step.needs.filter((id) => ids.has(id)) }));
}

/** Below these the runner makes what it needs; the ledger lies there, too. */
function listTrees({ paths, runtime }: PlanInput): readonly string[] {
  if (runtime === "external") return [paths.stateDir];
  return [paths.stateDir, paths.runDir, dirname(paths.runnerLogPath)];
}
