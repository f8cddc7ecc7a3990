import { join } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import type { ResetPhase } from "../../core/reset-phases.ts";
import type { System } from "../../system/system.ts";
import type { Removal, ResetPlan } from "./build-reset-plan.ts";

/**
 * The part of a plan that some of reset's phases do. Without etcd's phase its data stays, without `cleanup-node` all
 * but that. What leads to what stays, stays as well; and with it the ledger, so that a later reset knows of it.
 */
export async function selectPart(
  system: System,
  plan: ResetPlan,
  part: {
    readonly phases: readonly ResetPhase[];
    readonly paths: ClusterPaths;
    /** Where the local etcd has its data. */
    readonly etcdDataDir: string;
  },
): Promise<ResetPlan> {
  const { phases, paths, etcdDataDir } = part;
  const [etcd, node] = [phases.includes("remove-etcd-member"), phases.includes("cleanup-node")];
  if (etcd && node) return plan;
  const nothing = { ...plan, runnerPids: [], containers: [], removals: [], changedCopies: [] };
  if (!etcd && !node) return nothing;
  const isData = ({ path }: Removal): boolean => path === etcdDataDir || path.startsWith(`${etcdDataDir}/`);
  const manifestPath = join(paths.manifestDir, "etcd.yaml");
  if (etcd)
    return {
      ...nothing,
      containers: plan.containers.filter(({ container }) => container === "etcd"),
      removals: plan.removals.filter((removal) => isData(removal) || removal.path === manifestPath),
    };
  if (!plan.removals.some(isData)) return plan;
  const leadsTo = (path: string, target: string): boolean => target === path || target.startsWith(`${path}/`);
  const kept = plan.removals.filter(
    (removal) =>
      !isData(removal) && !leadsTo(removal.path, etcdDataDir) && !leadsTo(removal.path, paths.ledgerPath),
  );
  return { ...plan, removals: [...kept, ...(await listState(system, paths))] };
}

/** All that Slipway has for itself but for the ledger and its copy. */
async function listState(
  system: System,
  { stateDir, ledgerPath, ledgerCopyPath }: ClusterPaths,
): Promise<readonly Removal[]> {
  if ((await system.fs.lstat(stateDir)) === undefined) return [];
  const names = await system.fs.list(stateDir);
  const paths = names
    .map((name) => join(stateDir, name))
    .filter((path) => path !== ledgerPath && path !== ledgerCopyPath);
  return Promise.all(
    paths.map(async (path): Promise<Removal> => {
      const isDirectory = (await system.fs.lstat(path))?.kind === "directory";
      return { kind: isDirectory ? "tree" : "file", path, keep: false, modeBefore: undefined };
    }),
  );
}
