import { dirname, join } from "node:path";
import { hardeningPaths } from "../core/paths.ts";
import { manifestStepId } from "./manifest-step.ts";
import type { Phase, PlanInput } from "./phase.ts";
import { addonPhase } from "./phases/addon.ts";
import { bootstrapTokenPhase } from "./phases/bootstrap-token.ts";
import { certsPhase } from "./phases/certs.ts";
import { controlPlanePhase } from "./phases/control-plane.ts";
import { etcdPhase } from "./phases/etcd.ts";
import { kubeconfigPhase } from "./phases/kubeconfig.ts";
import { kubeletFinalizePhase } from "./phases/kubelet-finalize.ts";
import { kubeletStartPhase } from "./phases/kubelet-start.ts";
import { markControlPlanePhase } from "./phases/mark-control-plane.ts";
import { uploadCertsPhase } from "./phases/upload-certs.ts";
import { uploadConfigPhase } from "./phases/upload-config.ts";
import { waitControlPlanePhase } from "./phases/wait-control-plane.ts";
import { type LeafPhase, listLeaves, selectLeaves } from "./select-phases.ts";
import type { Plan, Step } from "./types.ts";

/** The phases of init, in the order in which they are shown. The first and the last are the command's own work. */
export const INIT_PHASES: readonly Phase[] = [
  { name: "preflight", short: "Checks of this machine" },
  certsPhase,
  kubeconfigPhase,
  etcdPhase,
  controlPlanePhase,
  kubeletStartPhase,
  waitControlPlanePhase,
  uploadConfigPhase,
  uploadCertsPhase,
  markControlPlanePhase,
  bootstrapTokenPhase,
  kubeletFinalizePhase,
  addonPhase,
  { name: "show-join-command", short: "How nodes join" },
];

/** Whether init leaves a phase out by `skipPhases`. Raises SLIPWAY_USAGE for an unknown name among them. */
export function skipsPhase(skipPhases: readonly string[], path: string): boolean {
  return selectLeaves(INIT_PHASES, skipPhases).some((leaf) => leaf.path === path);
}

/**
 * What init will do, as a value: all phases but those to skip, or only the phases that are named. A step runs as soon
 * as everything it needs is done, so that etcd starts while certificates are still being made.
 * Raises SLIPWAY_USAGE for an unknown phase.
 */
export function buildPlan(input: PlanInput, options: { readonly only?: readonly string[] } = {}): Plan {
  const skipped = new Set(selectLeaves(INIT_PHASES, input.config.skipPhases).map(({ path }) => path));
  const leaves = (
    options.only === undefined ? listInitLeaves(input) : selectLeaves(INIT_PHASES, options.only)
  ).filter(({ path }) => !skipped.has(path));
  const steps = keepInternalNeeds(uniqueSteps(leaves.flatMap(({ phase }) => phase.plan?.(input) ?? [])));
  return {
    kubernetesVersion: input.config.cluster.kubernetesVersion,
    phases: INIT_PHASES.filter((phase) => steps.some((step) => step.phase === phase.name)).map(
      ({ name, short }) => ({ name, short }),
    ),
    steps,
    trees: listTrees(input),
    sharedTrees: listSharedTrees(input, steps),
  };
}

/** With an external runtime no API server is started here; CoreDNS and kube-proxy need a node that runs containers. */
function listInitLeaves({ runtime, addons }: PlanInput): readonly LeafPhase[] {
  return listLeaves(INIT_PHASES).filter(
    ({ top }) => (runtime === "host" || top.afterStart === undefined) && (addons || top !== addonPhase),
  );
}

/** Phases share directories and what gives the administrators their rights: the first one keeps such a step. */
function uniqueSteps(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ id }, index) => steps.findIndex((other) => other.id === id) === index);
}

/** What the plan does not do is not waited for, and a manifest that it does not write may say anything. */
function keepInternalNeeds(steps: readonly Step[]): readonly Step[] {
  const ids = new Set(steps.map((step) => step.id));
  return steps.map((step) => {
    const needs = step.needs.filter((id) => ids.has(id));
    if (step.kind !== "wait-component" || ids.has(manifestStepId(step.component))) return { ...step, needs };
    return { ...step, needs, podUid: undefined };
  });
}

/**
 * etcd's data, the audit log and a kubelet's certificates, where this plan makes a place for them: else they would be
 * others'.
 */
function listSharedTrees({ config, paths }: PlanInput, steps: readonly Step[]): readonly string[] {
  const makes = (path: string): boolean =>
    steps.some((step) => step.kind === "directory" && step.path === path);
  return [
    ...[config.cluster.etcd.dataDir, hardeningPaths(config.root).auditLogDir].filter(makes),
    // A kubelet that runs the pods has its certificates there; the next cluster's could not use them.
    ...(makes(paths.kubeletDir) ? [join(paths.kubeletDir, "pki")] : []),
  ];
}

/** Below these the runner makes what it needs; the ledger lies there, too. */
function listTrees({ paths, runtime }: PlanInput): readonly string[] {
  if (runtime === "external") return [paths.stateDir];
  return [paths.stateDir, paths.runDir, dirname(paths.runnerLogPath)];
}
