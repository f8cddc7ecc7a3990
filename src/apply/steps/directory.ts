import { dirname, join } from "node:path";
import type { Account } from "../../config/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import { moveCommand } from "../../core/quote-shell.ts";
import { makeDirs } from "../../system/directories.ts";
import type { FileStatus } from "../../system/file-system.ts";
import type { System } from "../../system/system.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/**
 * A directory. One that is there keeps its mode, and what is in it gets the owner with it. Raises SLIPWAY_FILE_ACCESS
 * when something else is in its place.
 */
export const directoryHandler: StepHandler<"directory"> = {
  observe: async (system, { step, context }) => {
    const status = await system.fs.stat(step.path);
    if (status === undefined) return ABSENT;
    if (status.kind === "directory") {
      const { owner, path } = step;
      if (owner === undefined || isOwned(status, owner)) return DONE;
      // An init that was killed had made it, and not given it away yet.
      if (context.isOurs(path) && (await system.fs.list(path)).length === 0) return ABSENT;
      return { kind: "differs", what: `${path} is given to the user ${owner.uid} with all that is in it` };
    }
    throw new SlipwayError({
      code: "SLIPWAY_FILE_ACCESS",
      what: `cannot make the directory ${step.path}`,
      why: "something that is not a directory has that name",
      fix: `move it away: ${moveCommand(step.path, ".before")}`,
    });
  },
  apply: async (system, { step }) => {
    await makeDirs(system, { path: dirname(step.path), mode: 0o755 });
    await system.fs.makeDir(step.path, { mode: step.mode });
    if (step.owner !== undefined) await giveAway(system, { path: step.path, owner: step.owner });
  },
};

function isOwned(status: FileStatus, owner: Account): boolean {
  return status.uid === owner.uid && status.gid === owner.gid;
}

/** The directory itself comes last: from then on its new owner could put links in the way. */
async function giveAway(
  system: System,
  { path, owner }: { readonly path: string; readonly owner: Account },
): Promise<void> {
  const status = await system.fs.lstat(path);
  if (status === undefined || isOwned(status, owner)) return;
  if (status.kind === "directory") {
    for (const name of await system.fs.list(path)) await giveAway(system, { path: join(path, name), owner });
  }
  await system.fs.chown(path, owner);
}
