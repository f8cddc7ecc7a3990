import { withLock } from "../apply/lock.ts";
import { type ListedReset, type ReadReset, readResetPlan } from "../apply/reset/read-reset-plan.ts";
import { SlipwayError } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import type { ResetPhase } from "../core/reset-phases.ts";
import { applyIgnore, raisePreflight } from "../preflight/apply-ignore.ts";
import type { Finding } from "../preflight/types.ts";
import type { System } from "../system/system.ts";
import { summarizeResetPlan } from "./describe-reset-plan.ts";
import type { Ui } from "./ui.ts";
import { type UndoOptions, undoInit } from "./undo-init.ts";

/** What reset is asked for. */
export interface ResetOptions extends UndoOptions {
  readonly force: boolean;
  readonly dryRun: boolean;
  readonly ignorePreflightErrors: readonly string[];
}

/** What reset has done, or would do. */
export interface ResetResult {
  readonly apiVersion: "slipway.dev/v1";
  readonly kind: "ResetResult";
  readonly root: string;
  readonly dryRun: boolean;
  readonly phases: readonly ResetPhase[];
  /** Nothing of init's is left. */
  readonly whole: boolean;
  /** False: there was nothing to do. */
  readonly changed: boolean;
  readonly plan: ListedReset;
}

/**
 * Undoes init, or the parts of it that the phases name: stops pods and runner, removes what the ledger lists and nothing
 * else. Works with the runner dead, the API server down or init half done; a second run has nothing to do.
 * Raises SLIPWAY_LOCKED, SLIPWAY_DECLINED, SLIPWAY_NO_TERMINAL, SLIPWAY_PREFLIGHT, SLIPWAY_USAGE and
 * SLIPWAY_RESET_INCOMPLETE.
 */
export async function runReset(system: System, options: ResetOptions): Promise<ResetResult> {
  const { root, dryRun, phases } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  const read = (): Promise<ReadReset> => readResetPlan(system, { paths, request: options });
  const result = (plan: ListedReset): ResetResult => ({
    apiVersion: "slipway.dev/v1",
    kind: "ResetResult",
    root,
    dryRun,
    phases,
    whole: phases.includes("remove-etcd-member") && phases.includes("cleanup-node"),
    changed: plan.removals.length > 0 || plan.runnerPids.length > 0,
    plan,
  });
  const hasPreflight = phases.includes("preflight");
  if (dryRun) return result((await read()).plan);
  if (hasPreflight) checkUser(system, options);
  return withLock(system, {
    root,
    command: "reset",
    work: async () => {
      const reset = await read();
      const { plan } = reset;
      if (!result(plan).changed) return result(plan);
      if (hasPreflight) await agree(plan, options);
      await undoInit(system, { ...options, paths, reset, read });
      return result(plan);
    },
  });
}

/** The one check of reset's. */
export const USER_CHECK = "IsPrivilegedUser";

/** Root is needed for `/` alone: under another root an ordinary user may have a control plane. */
function checkUser(system: System, { root, ignorePreflightErrors }: ResetOptions): void {
  const { uid } = system.host;
  if (root !== "/" || uid === 0) return;
  const finding: Finding = {
    name: USER_CHECK,
    severity: "error",
    what: "reset removes what init made in /etc and /var",
    why: `this user (uid ${uid}) is not root`,
    fix: "run it as root, or name the cluster's directory: --root DIR",
  };
  raisePreflight(applyIgnore({ findings: [finding], ignore: ignorePreflightErrors }), "nothing was reset");
}

async function agree(
  plan: ListedReset,
  { force, ui, root }: { readonly force: boolean; readonly ui: Ui; readonly root: string },
): Promise<void> {
  if (force) return;
  for (const line of summarizeResetPlan(plan)) ui.note(line);
  ui.note("Every path: slipway reset --dry-run");
  const message = `Stop and remove all of this under ${root}?`;
  if (await ui.confirm({ message, initial: false, unasked: "slipway reset --force" })) return;
  throw new SlipwayError({
    code: "SLIPWAY_DECLINED",
    what: "nothing was removed",
    why: "the question was answered with no",
    fix: "to see what would go: slipway reset --dry-run",
  });
}
