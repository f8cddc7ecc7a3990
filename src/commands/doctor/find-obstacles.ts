import { observeObstacles } from "../../apply/observe-plan.ts";
import { errorFinding, toFindingText } from "../../preflight/init-check.ts";
import type { Finding } from "../../preflight/types.ts";
import type { System } from "../../system/system.ts";
import type { PreparedInit } from "../init/prepare-init.ts";
import { lookingContext } from "../looking-context.ts";

/**
 * The files that keep a first init from its work, such as a certificate of somebody's own that has ended: each of them,
 * where init ends at the first.
 */
export async function findObstacles(
  system: System,
  { plan, paths }: Pick<PreparedInit, "plan" | "paths">,
): Promise<readonly Finding[]> {
  // Before the first init nothing is ours.
  const context = lookingContext({ paths, isOurs: () => false });
  const obstacles = await observeObstacles(system, { plan, context });
  return obstacles.map(({ step, error }) =>
    errorFinding(`File-${step.id.replaceAll(/[/:]+/g, "-")}`, toFindingText(error)),
  );
}
