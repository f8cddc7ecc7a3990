import { spawnSync } from "node:child_process";

/** Moments of a step: `in`, when part of what it does is done and part is not. */
export const MOMENTS = ["before", "in", "after"] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * Tells that a moment has come. When it is the one that the test has named, `prepare` and the test's command are run
 * before anything in this process goes on: it may kill it ($PPID) or take its disk away.
 */
export function reachPoint(moment: Moment, step: string, prepare?: () => void): void {
  const { SLIPWAY_FAULT_POINT: point, SLIPWAY_FAULT_COMMAND: command = "" } = process.env;
  if (point !== `${moment} ${step}`) return;
  delete process.env["SLIPWAY_FAULT_POINT"];
  prepare?.();
  spawnSync("/bin/sh", ["-c", command], { stdio: "ignore" });
}

/** A removal's name: the IDs of pods and containers in its path are others each time. */
export function nameRemoval(path: string): string {
  return `remove ${path.replaceAll(/[0-9a-f]{32,}/g, "ID")}`;
}
