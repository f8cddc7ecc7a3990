import * as real from "../../../src/apply/reset/remove-path.ts";
import { nameRemoval, reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/reset/remove-path.ts";

/** Takes the place of the program's own: each removal of reset tells of its moments; its midst is a tree half gone. */
export const removeBelowRoot: typeof real.removeBelowRoot = async (system, options) => {
  const id = nameRemoval(options.removal.path);
  reachPoint("before", id);
  const removeFile = async (path: string): Promise<boolean> => {
    const removed = await system.fs.removeFile(path);
    reachPoint("in", id);
    return removed;
  };
  const watched = { ...system, fs: { ...system.fs, removeFile } };
  const problem = await real.removeBelowRoot(watched, options);
  reachPoint("after", id);
  return problem;
};
