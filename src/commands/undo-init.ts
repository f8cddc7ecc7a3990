import type { Removal, ResetPlan } from "../apply/reset/build-reset-plan.ts";
import { leaveEtcdCluster } from "../apply/reset/leave-etcd-cluster.ts";
import type { ReadReset, ResetRequest } from "../apply/reset/read-reset-plan.ts";
import { removeBelowRoot } from "../apply/reset/remove-path.ts";
import { removeState } from "../apply/reset/remove-state.ts";
import { markReset, unmarkReset } from "../apply/reset/reset-mark.ts";
import { stopEtcd } from "../apply/reset/stop-etcd.ts";
import { stopEverything } from "../apply/reset/stop-everything.ts";
import { stopKubeletsPods } from "../apply/reset/stop-kubelets-pods.ts";
import { trimLedger } from "../apply/reset/trim-ledger.ts";
import { disableService, forgetService } from "../apply/service.ts";
import { DEFAULT_TIMEOUTS_MS } from "../config/defaults.ts";
import { SlipwayError } from "../core/errors.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { RESET_PHASES, type ResetPhase } from "../core/reset-phases.ts";
import type { System } from "../system/system.ts";
import type { Progress, Ui } from "./ui.ts";

/** Which cluster, what of it, and who is told. */
export interface UndoOptions extends ResetRequest {
  readonly root: string;
  /** How long etcd may take to let this member go; undefined: as long as with kubeadm. */
  readonly etcdTimeoutMs: number | undefined;
  readonly ui: Ui;
}

/** What there is to undo. */
export interface Undoing extends UndoOptions {
  readonly paths: ClusterPaths;
  readonly reset: ReadReset;
  /** What there is to undo by now. */
  readonly read: () => Promise<ReadReset>;
}

/** Stops and removes what a reset has read, with progress. Raises SLIPWAY_RESET_INCOMPLETE, SLIPWAY_WAIT_TIMEOUT. */
export async function undoInit(system: System, undoing: Undoing): Promise<void> {
  const { phases, ui, reset } = undoing;
  const [etcd, node] = [phases.includes("remove-etcd-member"), phases.includes("cleanup-node")];
  const progress = ui.showProgress(
    RESET_PHASES.filter(({ name }) => name !== "preflight" && phases.includes(name)).map(
      ({ name, short }) => ({ name, short, steps: name === "cleanup-node" ? 2 : 1 }),
    ),
  );
  let advice: string | undefined;
  try {
    if (etcd && node) await markReset(system, undoing.paths);
    if (etcd) advice = await leaveEtcd(system, { undoing, progress });
    if (node) await stopNode(system, { undoing, progress });
    else if (etcd) await stopEtcd(system, { ...undoing, onWait: waitingFor(progress, "remove-etcd-member") });
    const removals = await addLateRemovals(undoing);
    await removeEverything(system, { paths: undoing.paths, removals });
    if (node) await forgetService(system, undoing.root);
    await trimLedger(system, undoing.paths);
    progress.done(node ? "cleanup-node" : "remove-etcd-member", `${removals.length} paths are as before`);
  } catch (error) {
    await progress.end(false);
    throw error;
  }
  await progress.end(true);
  if (advice !== undefined) ui.warn(advice);
  for (const path of reset.plan.changedCopies)
    ui.warn(
      `${path} was changed since init wrote it, and is left; what it says of this cluster leads nowhere now`,
    );
}

const waitingFor =
  (progress: Progress, phase: ResetPhase) =>
  (detail: string): void =>
    progress.waiting(phase, detail);

/** Its data is removed with all else; alone it is one step more. */
async function leaveEtcd(
  system: System,
  { undoing, progress }: { readonly undoing: Undoing; readonly progress: Progress },
): Promise<string | undefined> {
  const { etcd } = undoing.reset;
  const timeoutMs = undoing.etcdTimeoutMs ?? DEFAULT_TIMEOUTS_MS.etcdAPICall;
  const advice = etcd.runs
    ? await leaveEtcdCluster(system, {
        flags: etcd.flags,
        timeoutMs,
        onWait: waitingFor(progress, "remove-etcd-member"),
      })
    : undefined;
  if (undoing.phases.includes("cleanup-node"))
    progress.done("remove-etcd-member", advice === undefined ? undefined : "etcd did not leave its cluster");
  return advice;
}

async function stopNode(
  system: System,
  { undoing, progress }: { readonly undoing: Undoing; readonly progress: Progress },
): Promise<void> {
  const { paths, reset, root } = undoing;
  const onWait = waitingFor(progress, "cleanup-node");
  if (reset.plan.runtime === "external") await stopKubeletsPods(system, { paths, onWait });
  await stopEverything(system, { paths, plan: reset.plan, onWait });
  await disableService(system, root);
  progress.done("cleanup-node", "the pods and the runner have stopped");
}

/** What the runner has still made while reset began, before what was known to go. */
async function addLateRemovals({ read, reset }: Undoing): Promise<ResetPlan["removals"]> {
  const known = new Set(reset.plan.removals.map(({ path }) => path));
  const { removals } = (await read()).plan;
  return [...removals.filter(({ path }) => !known.has(path)), ...reset.plan.removals];
}

/** Stops before the ledger when something is left, so that the next reset knows of it. */
async function removeEverything(
  system: System,
  { paths, removals }: { readonly paths: ClusterPaths; readonly removals: ResetPlan["removals"] },
): Promise<void> {
  const problems: string[] = [];
  const leadsToLedger = ({ path }: Removal): boolean => paths.ledgerPath.startsWith(`${path}/`);
  // What stays of the shared ones is not told by itself.
  const own = new Set(removals.filter(({ kind }) => kind !== "shared-dir").map(({ path }) => path));
  for (const removal of removals.filter((candidate) => !leadsToLedger(candidate))) {
    const problem = await removeBelowRoot(system, { root: paths.root, removal, own });
    if (problem !== undefined) problems.push(problem);
  }
  if (problems.length === 0)
    problems.push(...(await removeState(system, { paths, removals: removals.filter(leadsToLedger) })));
  if (problems.length === 0) return;
  await unmarkReset(system, paths);
  throw new SlipwayError({
    code: "SLIPWAY_RESET_INCOMPLETE",
    what: "reset has left something",
    why: `${problems.length} ${problems.length === 1 ? "path" : "paths"} could not be removed`,
    fix: "see to these, then run slipway reset again",
    details: problems,
  });
}
