import * as real from "../../../src/apply/reset/stop-everything.ts";
import { reachPoint } from "./reach-point.ts";

export * from "../../../src/apply/reset/stop-everything.ts";

/** Into the time that it takes: the first components have ended then, and etcd has not. */
const MIDST_MS = 60;

/** Takes the place of the program's own: the stop of all pods tells of its moments. */
export const stopEverything: typeof real.stopEverything = async (system, options) => {
  reachPoint("before", "stop");
  const timer = setTimeout(() => reachPoint("in", "stop"), MIDST_MS);
  await real.stopEverything(system, options);
  clearTimeout(timer);
  reachPoint("after", "stop");
};
