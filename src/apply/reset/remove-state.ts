import { basename, dirname, join } from "node:path";
import { describeFileError, messageOf, systemErrorPath } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { removeTree } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import type { Removal } from "./build-reset-plan.ts";
import { emptyTree, removePath } from "./remove-path.ts";

/**
 * Removes what leads to the ledger, in this order. The state directory and those above it that hold nothing else go at
 * once, by a rename: whenever we are killed, the next reset finds the ledger or what was renamed. Gives problems.
 */
export async function removeState(
  system: System,
  { paths, removals }: { readonly paths: ClusterPaths; readonly removals: readonly Removal[] },
): Promise<readonly string[]> {
  const [state, ...above] = removals;
  const status = state === undefined ? undefined : await system.fs.lstat(state.path);
  const whole = state?.path === paths.stateDir && !state.keep && status?.kind === "directory";
  if (!whole) return removeInOrder(system, removals);
  try {
    const { stateDir: path, ledgerPath, resetMarkPath } = paths;
    await emptyTree(system, { path, dev: status.dev, except: [ledgerPath, resetMarkPath] });
    const alone = await countAlone(system, above);
    await detach(system, above[alone - 1]?.path ?? path);
    return removeInOrder(system, above.slice(alone));
  } catch (error) {
    return [
      messageOf(describeFileError(error, { action: "remove", path: systemErrorPath(error) ?? state.path })),
    ];
  }
}

/** How many of the directories, each in the next, are ours and hold nothing but the one before. */
async function countAlone(system: System, above: readonly Removal[]): Promise<number> {
  for (const [count, { path, keep }] of above.entries())
    if (keep || (await system.fs.list(path)).length > 1) return count;
  return above.length;
}

async function detach(system: System, path: string): Promise<void> {
  const away = join(dirname(path), `.${basename(path)}.${system.random.hex(6)}.tmp`);
  await system.fs.rename(path, away);
  await removeTree(system, away);
}

async function removeInOrder(system: System, removals: readonly Removal[]): Promise<readonly string[]> {
  const problems: string[] = [];
  const own = new Set(removals.map(({ path }) => path));
  for (const removal of removals) {
    const problem = await removePath(system, { ...removal, own });
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}
