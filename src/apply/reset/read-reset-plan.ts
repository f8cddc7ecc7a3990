import { join } from "node:path";
import type { Arg } from "../../config/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import { type ClusterPaths, underRoot } from "../../core/paths.ts";
import type { ResetPhase } from "../../core/reset-phases.ts";
import { findArg, parseFlags } from "../../manifests/flags.ts";
import type { System } from "../../system/system.ts";
import { buildResetPlan, type ResetPlan } from "./build-reset-plan.ts";
import { listStrays } from "./list-strays.ts";
import { selectPart } from "./select-part.ts";

/** What kubeadm's configuration and flags ask of reset, beside what init has listed. */
export interface ResetRequest {
  readonly phases: readonly ResetPhase[];
  /** Where the certificates lie, as the configuration of init names it; undefined: wherever init put them. */
  readonly certificatesDir: string | undefined;
  /** Remove what kubeadm keeps of its dry runs and upgrades. */
  readonly cleanupTmpDir: boolean;
}

/** A plan with what is in its way. */
export interface ListedReset extends ResetPlan {
  /** What Slipway did not make in directories that go. */
  readonly strays: readonly string[];
}

/** What is to be undone, and what it takes to stop etcd alone. */
export interface ReadReset {
  readonly plan: ListedReset;
  /** Of all of reset's phases. */
  readonly runnerPids: ResetPlan["runnerPids"];
  readonly etcd: { readonly manifestPath: string; readonly flags: readonly Arg[]; readonly runs: boolean };
}

/** Reads what a request comes to. Raises SLIPWAY_LEDGER_CORRUPT, and SLIPWAY_USAGE for certificates that are not ours. */
export async function readResetPlan(
  system: System,
  { paths, request }: { readonly paths: ClusterPaths; readonly request: ResetRequest },
): Promise<ReadReset> {
  const full = await buildResetPlan(system, paths);
  checkCertificatesDir(full, { paths, request });
  const manifestPath = join(paths.manifestDir, "etcd.yaml");
  // Without its flags etcd cannot be asked to leave its cluster, and that is told then.
  const flags = parseFlags(await system.fs.readTextIfExists(manifestPath).catch(() => undefined));
  const etcdDataDir = full.etcdDataDir ?? findArg(flags, "data-dir") ?? paths.etcdDataDir;
  const part = await selectPart(system, full, { phases: request.phases, paths, etcdDataDir });
  const plan = { ...part, removals: [...(await listTmpDir(system, { paths, request })), ...part.removals] };
  const runs = full.containers.some(({ container }) => container === "etcd");
  return {
    plan: { ...plan, strays: await listStrays(system, { plan, paths }) },
    runnerPids: full.runnerPids,
    etcd: { manifestPath, flags, runs },
  };
}

/** Source: kubeadm app/constants TempDir. */
async function listTmpDir(
  system: System,
  { paths, request }: { readonly paths: ClusterPaths; readonly request: ResetRequest },
): Promise<ResetPlan["removals"]> {
  const path = join(paths.kubernetesDir, "tmp");
  const asked = request.cleanupTmpDir && request.phases.includes("cleanup-node");
  if (!asked || (await system.fs.lstat(path))?.kind !== "directory") return [];
  return [{ kind: "tree", path, keep: false, modeBefore: undefined }];
}

function checkCertificatesDir(
  { removals }: ResetPlan,
  { paths, request }: { readonly paths: ClusterPaths; readonly request: ResetRequest },
): void {
  if (request.certificatesDir === undefined || removals.length === 0) return;
  const dir = underRoot(paths.root, request.certificatesDir);
  if (removals.some(({ path }) => path.startsWith(`${dir}/`))) return;
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `the certificates directory ${dir} is not one to reset`,
    why: "init made nothing there, and reset removes what init has made and nothing else",
    fix: "leave --cert-dir (certificatesDir) out; what is there is yours to remove",
  });
}
