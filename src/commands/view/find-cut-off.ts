import { join } from "node:path";
import type { Ledger } from "../../apply/ledger.ts";
import { isBeingChanged } from "../../apply/lock.ts";
import { isResetCutOff } from "../../apply/reset/reset-mark.ts";
import { CONTROL_PLANE_COMPONENTS } from "../../core/constants.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { CutOff } from "../../preflight/plane-facts.ts";
import type { System } from "../../system/system.ts";

/**
 * What began to change a root and did not come to its end: a reset by its mark; an init by the ledger,
 * or where no runner is and a manifest that it was going to write is not there. Undefined while a command is at work.
 */
export async function findCutOff(
  system: System,
  options: { readonly paths: ClusterPaths; readonly ledger: Ledger | undefined; readonly answers: boolean },
): Promise<CutOff | undefined> {
  const { paths, ledger, answers } = options;
  const found = (await isResetCutOff(system, paths))
    ? "reset"
    : ledger?.unfinished === true || (!answers && (await lacksManifest(system, { paths, ledger })))
      ? "init"
      : undefined;
  return found !== undefined && (await isBeingChanged(system, paths.root)) ? undefined : found;
}

async function lacksManifest(
  system: System,
  { paths, ledger }: { readonly paths: ClusterPaths; readonly ledger: Ledger | undefined },
): Promise<boolean> {
  const isListed = (path: string): boolean => ledger?.entries.some((entry) => entry.path === path) ?? false;
  // Otherwise a kubelet is to run the pods.
  if (!isListed(paths.runnerConfigPath)) return false;
  const wanted = CONTROL_PLANE_COMPONENTS.map((name) => join(paths.manifestDir, `${name}.yaml`)).filter(
    isListed,
  );
  const found = await Promise.all(wanted.map((path) => system.fs.stat(path)));
  return found.includes(undefined);
}
