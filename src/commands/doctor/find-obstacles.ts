import { observeObstacles } from "../../apply/observe-plan.ts";
import type { ApplyContext } from "../../apply/step-handler.ts";
import { errorFinding } from "../../preflight/init-check.ts";
import type { Finding } from "../../preflight/types.ts";
import type { System } from "../../system/system.ts";
import type { PreparedInit } from "../init/prepare-init.ts";

/**
 * The files that keep a first init from its work, such as a certificate of somebody's own that has ended: each of them,
 * where init ends at the first.
 */
export async function findObstacles(
  system: System,
  { plan, paths }: Pick<PreparedInit, "plan" | "paths">,
): Promise<readonly Finding[]> {
  const context: ApplyContext = { ...LOOKING, paths };
  const obstacles = await observeObstacles(system, { plan, context });
  return obstacles.map(({ step, error: { what, why, fix, details } }) => {
    const name = step.id.replaceAll(/[/:]+/g, "-");
    return errorFinding(`File-${name}`, { what, why: [why, ...details].join("; "), fix });
  });
}

/** Who only looks makes nothing and asks nobody; before the first init nothing is ours. */
const LOOKING: Omit<ApplyContext, "paths"> = {
  isOurs: () => false,
  standbyRunner: () => Promise.reject(new Error("who looks starts no runner")),
  apiClient: () => Promise.reject(new Error("who looks asks no API server")),
  secrets: { tokens: [], certificateKey: "" },
  onToken: () => undefined,
  onWait: () => undefined,
  signal: new AbortController().signal,
};
