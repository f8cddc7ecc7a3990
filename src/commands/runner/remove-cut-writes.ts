import { join } from "node:path";
import { listHalfWritten, listHalfWrittenIn } from "../../apply/list-half-written.ts";
import { messageOf } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { servicesPath } from "../../runner/services/known-services.ts";
import type { System } from "../../system/system.ts";

/**
 * Takes away what a killed runner had begun to write: nobody else would but reset. For who has the runner's lock, before
 * it writes itself: nobody else writes these files, and those of init beside them are left alone. So is what lies deeper,
 * in volumes and spools, for that is the pods'. A link in the place of a container's or pod's directory goes, too: what
 * is written there would come to lie elsewhere. A failure is logged: a runner on a damaged disk is still a runner.
 */
export async function removeCutWrites(
  system: Pick<System, "fs" | "log">,
  paths: ClusterPaths,
): Promise<void> {
  const { eventsPath, madePathsPath, runnerFlagsPath } = paths;
  try {
    const files = [eventsPath, madePathsPath, runnerFlagsPath, servicesPath(paths)];
    for (const path of await listHalfWritten(system, files)) await removeIfFile(system, path);
    for (const dir of [paths.containersDir, paths.podsDir]) {
      if ((await system.fs.lstat(dir))?.kind !== "directory") continue;
      for (const name of await system.fs.list(dir)) await tidyDir(system, join(dir, name));
    }
  } catch (error) {
    system.log.warn("cannot remove what an earlier runner had begun to write", { error: messageOf(error) });
  }
}

async function tidyDir(system: Pick<System, "fs" | "log">, path: string): Promise<void> {
  if ((await system.fs.lstat(path))?.kind === "symlink") {
    system.log.warn("a link in the place of a directory of the runner's is removed", { path });
    await system.fs.removeFile(path);
  }
  for (const { path: file } of await listHalfWrittenIn(system, path)) await removeIfFile(system, file);
}

async function removeIfFile(system: Pick<System, "fs">, path: string): Promise<void> {
  if ((await system.fs.lstat(path))?.kind === "file") await system.fs.removeFile(path);
}
