import { constants } from "node:os";
import { join } from "node:path";
import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-store.ts";
import { buildExecCommand } from "./shim.ts";
import { workingDirOf } from "./start-container.ts";
import type { ExecResult } from "./types.ts";

/** Source: kubelet prober/prober.go maxRespBodyLength. */
const MAX_OUTPUT_BYTES = 10 * 1024;

/** Runs a command with a running container's environment, working directory and cgroup. Never throws for one that fails. */
export async function execInContainer(
  system: System,
  options: {
    readonly record: ContainerRecord;
    readonly command: readonly string[];
    readonly timeoutMs: number;
  },
): Promise<ExecResult> {
  const { id, spec, cgroupDir } = options.record;
  const shell = buildExecCommand({
    containerId: id,
    argv: options.command,
    env: spec.env,
    cgroupProcsPath: cgroupDir === undefined ? undefined : join(cgroupDir, "cgroup.procs"),
  });
  const result = await system.exec.run({ ...shell, cwd: workingDirOf(spec), timeoutMs: options.timeoutMs });
  return {
    exitCode: result.exitCode ?? 128 + signalNumber(result.signal),
    output: cutOutput(result.stdout === "" ? result.stderr : `${result.stdout}\n${result.stderr}`.trimEnd()),
    timedOut: result.timedOut,
  };
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([signal]) => signal === name)?.[1] ?? 0;
}

function cutOutput(output: string): string {
  return Buffer.from(output).subarray(0, MAX_OUTPUT_BYTES).toString("utf8");
}
