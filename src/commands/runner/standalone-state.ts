import { dirname } from "node:path";
import { makeStateDir } from "../../apply/state-dir.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { formatMadePaths, type MadePath, noteMadePath } from "../../runtime/made-paths.ts";
import { listMissingParents } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/**
 * Makes the state directory of a runner without a control plane, and notes there what else the runner is going to make
 * for itself: it has no ledger, and reset is to find the way back all the same.
 */
export async function makeStandaloneState(system: System, paths: ClusterPaths): Promise<void> {
  const notesPath = paths.madePathsPath;
  const missing = await listMissing(system, paths);
  if ((await system.fs.stat(paths.stateDir)) === undefined)
    await makeStateDir(system, { paths, file: { path: notesPath, data: formatMadePaths(missing) } });
  else for (const made of missing) await noteMadePath(system, { notesPath, made });
}

/** Parents before what is in them. */
async function listMissing(system: System, paths: ClusterPaths): Promise<readonly MadePath[]> {
  const { stateDir, controlSocketPath, runnerLogPath, podLogsDir, containerLogsDir } = paths;
  const files = [controlSocketPath, runnerLogPath];
  const dirs = [...files.map((path) => dirname(path)), podLogsDir, containerLogsDir];
  const wanted = [
    ...(await Promise.all([stateDir, ...dirs].map((path) => listMissingParents(system, path)))).flat(),
    stateDir,
    ...dirs,
    ...files,
  ];
  const missing: MadePath[] = [];
  for (const path of new Set(wanted))
    if ((await system.fs.lstat(path)) === undefined)
      missing.push({ kind: files.includes(path) ? "file" : "shared-dir", path });
  return missing;
}
