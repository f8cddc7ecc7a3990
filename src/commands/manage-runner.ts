import { join } from "node:path";
import { startRunner } from "../apply/start-runner.ts";
import type { RunnerInfo } from "../control/protocol.ts";
import { SlipwayError } from "../core/errors.ts";
import { buildPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { findPackageRoot } from "./package-root.ts";
import { connect } from "./ps.ts";

/** The runner of a root; raises SLIPWAY_RUNNER_UNREACHABLE when there is none. */
export async function runRunnerStatus(
  system: System,
  options: { readonly root: string },
): Promise<RunnerInfo> {
  return (await connect(system, options)).info();
}

/** Starts the runner in the background unless it runs already. Its pods are found again, not started twice. */
export async function runRunnerStart(
  system: System,
  options: { readonly root: string; readonly signal: AbortSignal },
): Promise<RunnerInfo> {
  try {
    return await runRunnerStatus(system, options);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "SLIPWAY_RUNNER_UNREACHABLE") throw error;
  }
  return startRunner(system, {
    paths: buildPaths({ root: options.root, uid: system.host.uid }),
    command: runnerCommand(),
    signal: options.signal,
  });
}

/** Ends the runner; its pods go on unless `pods` says to stop them too. Without a runner there is nothing to do. */
export async function runRunnerStop(
  system: System,
  options: { readonly root: string; readonly pods: boolean },
): Promise<boolean> {
  try {
    await (await connect(system, options)).stop({ pods: options.pods });
    return true;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "SLIPWAY_RUNNER_UNREACHABLE") return false;
    throw error;
  }
}

/** The program that runs the runner: this one. */
export function runnerCommand(): readonly string[] {
  return [process.execPath, join(findPackageRoot(), "dist/main.js")];
}
