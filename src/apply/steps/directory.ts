import { dirname } from "node:path";
import { SlipwayError } from "../../core/errors.ts";
import { makeDirs } from "../../system/directories.ts";
import { ABSENT, DONE, type StepHandler } from "../step-handler.ts";

/** A directory. One that is there keeps its mode. Raises SLIPWAY_FILE_ACCESS when something else is in its place. */
export const directoryHandler: StepHandler<"directory"> = {
  observe: async (system, { step }) => {
    const status = await system.fs.stat(step.path);
    if (status === undefined) return ABSENT;
    if (status.kind === "directory") return DONE;
    throw new SlipwayError({
      code: "SLIPWAY_FILE_ACCESS",
      what: `cannot make the directory ${step.path}`,
      why: "something that is not a directory has that name",
      fix: `move it away: mv ${step.path} ${step.path}.before`,
    });
  },
  apply: async (system, { step }) => {
    await makeDirs(system, { path: dirname(step.path), mode: 0o755 });
    await system.fs.makeDir(step.path, { mode: step.mode });
  },
};
