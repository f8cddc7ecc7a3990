import { basename, dirname } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import { listContainerIds, readContainerRecords } from "../../runtime/container-store.ts";
import { type MadePath, readMadePaths } from "../../runtime/made-paths.ts";
import type { System } from "../../system/system.ts";
import { findRunners } from "../find-runners.ts";
import { type LedgerEntry, listFiles, readLedger } from "../ledger.ts";
import { listHalfWritten } from "../list-half-written.ts";
import { listHalfMade } from "../state-dir.ts";
import { listPodLogs } from "./list-pod-logs.ts";

/** A path that goes. */
export interface Removal {
  readonly kind: LedgerEntry["kind"] | MadePath["kind"];
  readonly path: string;
  /** A directory that was there before: it stays, emptied of what is ours, with its mode of before. */
  readonly keep: boolean;
  readonly modeBefore: number | undefined;
}

/** What reset will stop and remove, in this order. */
export interface ResetPlan {
  /** Who runs the pods. */
  readonly runtime: "host" | "external";
  /** Where init has put the data of the local etcd; undefined where that is not noted. */
  readonly etcdDataDir: string | undefined;
  readonly runnerPids: readonly number[];
  readonly containers: readonly { readonly id: string; readonly pod: string; readonly container: string }[];
  /** Children before their parents; the ledger and its directories last. */
  readonly removals: readonly Removal[];
  /** Files that were given to users, and that they have changed since: these are theirs. */
  readonly changedCopies: readonly string[];
}

/**
 * Reads from the ledger and from what the runner has written down what there is to undo. Empty when there is nothing.
 * Raises SLIPWAY_LEDGER_CORRUPT.
 */
export async function buildResetPlan(system: System, paths: ClusterPaths): Promise<ResetPlan> {
  const ledger = await readLedger(system, paths);
  const runnerPids = await findRunners(system, paths.root);
  const records = await readContainerRecords(system, paths.containersDir);
  const containers = records.map(({ id, spec }) => ({
    id,
    pod: `${spec.podNamespace}/${spec.podName}`,
    container: spec.containerName,
  }));
  const listed = ledger?.entries ?? (await assumeStateDir(system, paths));
  const changedCopies = await findChangedCopies(system, listed);
  const entries = listed.filter(({ path }) => !changedCopies.includes(path));
  const made = (await readMadePaths(system, paths.madePathsPath)).toReversed();
  const leadsToLedger = ({ path }: MadePath): boolean => paths.ledgerPath.startsWith(`${path}/`);
  const logs = await listPodLogs(system, {
    paths,
    records,
    containerIds: await listContainerIds(system, paths.containersDir),
    trees: made.filter(({ kind }) => kind === "tree").map(({ path }) => path),
  });
  const removals = [
    ...[...logs, ...made.filter((one) => !leadsToLedger(one))].map(({ kind, path }) => ours(kind, path)),
    ...(await listOuterSocket(system, paths)),
    ...(await listHalfWritten(system, listFiles(entries, paths))).map((path) => ours("file", path)),
    ...(await listHalfMade(system, paths)).map((path) => ours("tree", path)),
    ...orderEntries(entries, { paths, made }),
    ...made.filter(leadsToLedger).map(({ kind, path }) => ours(kind, path)),
  ];
  const sharedDir = await findSharedSocketDir(system, paths);
  return {
    runtime: ledger?.runtime ?? "host",
    etcdDataDir: ledger?.etcdDataDir,
    runnerPids,
    containers,
    removals: removals.filter(
      ({ path }, index) =>
        path !== sharedDir && removals.findIndex((earlier) => earlier.path === path) === index,
    ),
    changedCopies,
  };
}

/** A user may have added other clusters to the kubeconfig that init copied, or their own settings. */
async function findChangedCopies(
  system: System,
  entries: readonly LedgerEntry[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    entries.map(async ({ kind, path, of, existedBefore }) => {
      if (kind !== "copy" || of === undefined || existedBefore) return [];
      const text = await system.fs.readTextIfExists(path);
      return text === undefined || text === (await system.fs.readTextIfExists(of)) ? [] : [path];
    }),
  );
  return found.flat();
}

function ours(kind: Removal["kind"], path: string): Removal {
  return { kind, path, keep: false, modeBefore: undefined };
}

/**
 * Backwards, and what leads to the ledger last, so that a reset that is killed can go on. What was there before init
 * may have been made by a runner without a control plane.
 */
function orderEntries(
  entries: readonly LedgerEntry[],
  { paths, made }: { readonly paths: ClusterPaths; readonly made: readonly MadePath[] },
): readonly Removal[] {
  const leadsToLedger = ({ path }: LedgerEntry): boolean => paths.ledgerPath.startsWith(`${path}/`);
  const within = ({ path }: LedgerEntry): boolean => path.startsWith(`${paths.stateDir}/`);
  const backwards = entries
    .toSorted((left, right) => (left.path < right.path ? 1 : -1))
    .filter((entry) => !within(entry));
  return [...backwards.filter((entry) => !leadsToLedger(entry)), ...backwards.filter(leadsToLedger)]
    .filter((entry) => (entry.kind !== "file" && entry.kind !== "copy") || !entry.existedBefore)
    .map(({ kind, path, existedBefore, modeBefore }) => ({
      kind: kind === "dir" && isKubeletsToo(path, paths) ? "shared-dir" : kind,
      path,
      keep: existedBefore && !made.some((one) => one.path === path),
      modeBefore,
    }));
}

/** A kubelet that has run the pods has files of its own there. */
function isKubeletsToo(path: string, { kubeletDir, podLogsDir, containerLogsDir }: ClusterPaths): boolean {
  return [kubeletDir, podLogsDir, containerLogsDir].includes(path);
}

/** The socket of a root with a long path lies outside of it; a runner that was killed has left it there. */
async function listOuterSocket(system: System, paths: ClusterPaths): Promise<readonly Removal[]> {
  const { controlSocketPath, runDir } = paths;
  if (dirname(controlSocketPath) === runDir) return [];
  return (await system.fs.lstat(controlSocketPath)) === undefined ? [] : [ours("file", controlSocketPath)];
}

/** The directory of such sockets, while another cluster has one there. */
async function findSharedSocketDir(system: System, paths: ClusterPaths): Promise<string | undefined> {
  const dir = dirname(paths.controlSocketPath);
  if (dir === paths.runDir || (await system.fs.lstat(dir)) === undefined) return undefined;
  const others = (await system.fs.list(dir)).filter((name) => name !== basename(paths.controlSocketPath));
  return others.length > 0 ? dir : undefined;
}

/** An init that was killed before it wrote its ledger, or a runner without a control plane, has its own directory alone. */
async function assumeStateDir(system: System, paths: ClusterPaths): Promise<readonly LedgerEntry[]> {
  const there = (await system.fs.lstat(paths.stateDir))?.kind === "directory";
  return there ? [{ kind: "tree", path: paths.stateDir, existedBefore: false }] : [];
}
