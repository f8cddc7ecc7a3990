import { withLock } from "../apply/lock.ts";
import { buildResetPlan, type ResetPlan } from "../apply/reset/build-reset-plan.ts";
import { removePath } from "../apply/reset/remove-path.ts";
import { stopEverything } from "../apply/reset/stop-everything.ts";
import { disableService, forgetService } from "../apply/service.ts";
import { SlipwayError } from "../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import type { Ui } from "./ui.ts";

/** What reset has done, or would do. */
export interface ResetResult {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "ResetResult";
  readonly root: string;
  readonly dryRun: boolean;
  /** False: there was nothing to do. */
  readonly changed: boolean;
  readonly plan: ResetPlan;
}

/**
 * Undoes init: stops pods and runner, removes what the ledger lists and nothing else. Works with the runner dead, the
 * API server down or init half done; a second run has nothing to do.
 * Raises SLIPWAY_LOCKED, SLIPWAY_DECLINED, SLIPWAY_NO_TERMINAL and SLIPWAY_RESET_INCOMPLETE.
 */
export async function runReset(
  system: System,
  options: { readonly root: string; readonly force: boolean; readonly dryRun: boolean; readonly ui: Ui },
): Promise<ResetResult> {
  const { root, dryRun, ui } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const result = (plan: ResetPlan): ResetResult => ({
    apiVersion: "slipway.dev/v1",
    kind: "ResetResult",
    root,
    dryRun,
    changed: plan.removals.length > 0 || plan.runnerPids.length > 0,
    plan,
  });
  if (dryRun) return result(await buildResetPlan(system, paths));
  return withLock(system, {
    root,
    command: "reset",
    work: async () => {
      const plan = await buildResetPlan(system, paths);
      if (!result(plan).changed) return result(plan);
      await agree(plan, options);
      const progress = ui.showProgress([
        { name: "stop", short: "Stop the pods and the runner", steps: 1 },
        { name: "remove", short: "Remove what init made", steps: 1 },
      ]);
      try {
        await stopEverything(system, { paths, plan, onWait: (detail) => progress.waiting("stop", detail) });
        await disableService(system, root);
        progress.done("stop", "the pods and the runner have stopped");
        const removals = await addLateRemovals(system, { paths, plan });
        await removeEverything(system, { paths, removals });
        await forgetService(system, root);
        progress.done("remove", `${removals.length} paths are as before`);
      } catch (error) {
        await progress.end(false);
        throw error;
      }
      await progress.end(true);
      for (const path of plan.changedCopies)
        ui.warn(
          `${path} was changed since init wrote it, and is left; what it says of this cluster leads nowhere now`,
        );
      return result(plan);
    },
  });
}

/** What the runner has still made while reset began, before what was known to go. */
async function addLateRemovals(
  system: System,
  { paths, plan }: { readonly paths: ClusterPaths; readonly plan: ResetPlan },
): Promise<ResetPlan["removals"]> {
  const known = new Set(plan.removals.map(({ path }) => path));
  const { removals } = await buildResetPlan(system, paths);
  return [...removals.filter(({ path }) => !known.has(path)), ...plan.removals];
}

/** Stops before the ledger when something is left, so that the next reset knows of it. */
async function removeEverything(
  system: System,
  { paths, removals }: { readonly paths: ClusterPaths; readonly removals: ResetPlan["removals"] },
): Promise<void> {
  const problems: string[] = [];
  for (const removal of removals) {
    if (problems.length > 0 && paths.ledgerPath.startsWith(`${removal.path}/`)) break;
    const problem = await removePath(system, removal);
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length === 0) return;
  throw new SlipwayError({
    code: "SLIPWAY_RESET_INCOMPLETE",
    what: "reset has left something",
    why: `${problems.length} ${problems.length === 1 ? "path" : "paths"} could not be removed`,
    fix: "see to these, then run slipway reset again",
    details: problems,
  });
}

async function agree(
  plan: ResetPlan,
  { force, ui, root }: { readonly force: boolean; readonly ui: Ui; readonly root: string },
): Promise<void> {
  if (force) return;
  for (const line of describeResetPlan(plan)) ui.note(line);
  if (await ui.confirm({ message: `Stop and remove all of this under ${root}?`, initial: false })) return;
  throw new SlipwayError({
    code: "SLIPWAY_DECLINED",
    what: "nothing was removed",
    why: "the question was answered with no",
    fix: "slipway reset --dry-run lists what would go",
  });
}

const REMOVAL_NOTES: Readonly<Partial<Record<ResetPlan["removals"][number]["kind"], string>>> = {
  tree: " and all that is in it",
  "shared-dir": " if nothing else is in it",
};

/** What goes, a line each; a container that was restarted has the records of its last runs, too, and one line. */
export function describeResetPlan(plan: ResetPlan): readonly string[] {
  return [
    ...new Set(plan.containers.map(({ pod, container }) => `stop    ${pod} (${container})`)),
    ...plan.runnerPids.map((pid) => `stop    the runner, pid ${pid}`),
    ...plan.changedCopies.map((path) => `keep    ${path}, which was changed since init wrote it`),
    ...plan.removals.map(({ kind, path, keep }) => {
      if (keep)
        return `keep    ${path}, which was there before${kind === "tree" ? "; what is in it goes" : ""}`;
      if (kind === "mount") return `unmount ${path}`;
      return `remove  ${path}${REMOVAL_NOTES[kind] ?? ""}`;
    }),
  ];
}
