import * as real from "../../../src/apply/reset/remove-path.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/reset/remove-path.ts";

/** Takes the place of the program's own: each removal of reset tells of its moments; its midst is a tree half gone. */
export const removePath: typeof real.removePath = async (system, removal) => {
  const id = `remove ${removal.path}`;
  await reachPoint("before", id);
  const removeFile = async (path: string): Promise<boolean> => {
    const removed = await system.fs.removeFile(path);
    await reachPoint("in", id);
    return removed;
  };
  const problem = await real.removePath({ ...system, fs: { ...system.fs, removeFile } }, removal);
  await reachPoint("after", id);
  return problem;
};
