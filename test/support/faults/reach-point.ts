import { spawn } from "node:child_process";
import { once } from "node:events";

/** Moments of a step: `in`, when part of what it does is done and part is not. */
export const MOMENTS = ["before", "in", "after"] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * Tells that a moment has come. When it is the one that the test has named, `prepare` and the test's command are run
 * before the step goes on: it may kill this process ($PPID) or take its disk away.
 */
export async function reachPoint(moment: Moment, step: string, prepare?: () => void): Promise<void> {
  const { SLIPWAY_FAULT_POINT: point, SLIPWAY_FAULT_COMMAND: command = "" } = process.env;
  if (point !== `${moment} ${step}`) return;
  delete process.env["SLIPWAY_FAULT_POINT"];
  prepare?.();
  await once(spawn("/bin/sh", ["-c", command], { stdio: "ignore" }), "exit");
}
