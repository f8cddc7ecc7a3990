import * as real from "../../../src/apply/reset/remove-state.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/reset/remove-state.ts";

/** Takes the place of the program's own: the last removal of reset tells of its moments. */
export const removeState: typeof real.removeState = async (system, options) => {
  reachPoint("before", "remove-state");
  const rename = async (from: string, to: string): Promise<void> => {
    await system.fs.rename(from, to);
    reachPoint("in", "remove-state");
  };
  const problems = await real.removeState({ ...system, fs: { ...system.fs, rename } }, options);
  reachPoint("after", "remove-state");
  return problems;
};
