import { join } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import type { ResetPlan } from "./build-reset-plan.ts";

/**
 * What somebody else has put into directories that go: it stays, with its directory, and reset does not come to its end.
 * The state directory goes with all that is in it.
 */
export async function listStrays(
  system: Pick<System, "fs">,
  { plan, paths }: { readonly plan: ResetPlan; readonly paths: ClusterPaths },
): Promise<readonly string[]> {
  const { removals, changedCopies } = plan;
  const known = new Set([...changedCopies, ...removals.map(({ path }) => path)]);
  const dirs = removals.filter(({ kind, keep, path }) => kind === "dir" && !keep && path !== paths.stateDir);
  const found = dirs.map(async ({ path: dir }) => {
    if ((await system.fs.lstat(dir))?.kind !== "directory") return [];
    return (await system.fs.list(dir)).map((name) => join(dir, name)).filter((path) => !known.has(path));
  });
  return (await Promise.all(found)).flat().sort();
}
