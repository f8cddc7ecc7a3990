import { constants } from "node:os";
import { join } from "node:path";
import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-record.ts";
import { needsNamespace } from "./isolation.ts";
import { buildSetpriv } from "./set-privileges.ts";
import { buildExecCommand, type ShellCommand } from "./shim.ts";
import { workingDirOf } from "./start-container.ts";
import type { ExecResult } from "./types.ts";

/** Source: kubelet prober/prober.go maxRespBodyLength. */
const MAX_OUTPUT_BYTES = 10 * 1024;

/** Runs a command as a running container's user, with its environment, working directory, mounts and cgroups. Never throws for one that fails. */
export async function execInContainer(
  system: System,
  options: {
    readonly record: ContainerRecord;
    /** Of its main process, which runs. */
    readonly pid: number;
    readonly command: readonly string[];
    readonly timeoutMs: number;
  },
): Promise<ExecResult> {
  const shell = buildContainerCommand(options, options.command);
  const result = await system.exec.run({ ...shell, timeoutMs: options.timeoutMs });
  return {
    exitCode: result.exitCode ?? 128 + signalNumber(result.signal),
    output: cutOutput(result.stdout === "" ? result.stderr : `${result.stdout}\n${result.stderr}`.trimEnd()),
    timedOut: result.timedOut,
  };
}

/** A command as it runs beside a container's main process (`pid`), in the same isolation. */
export function buildContainerCommand(
  { record, pid }: { readonly record: ContainerRecord; readonly pid: number },
  argv: readonly string[],
): ShellCommand & { readonly cwd: string } {
  const { id, spec, cgroups = [] } = record;
  const isolated = needsNamespace(spec, { trusted: record.trusted === true });
  const setpriv = buildSetpriv(spec.security);
  const inside = isolated || setpriv.length > 0;
  const shell = buildExecCommand({
    containerId: id,
    argv,
    env: spec.env,
    cgroupProcsPaths: cgroups.map(({ dir }) => join(dir, "cgroup.procs")),
    setpriv,
    namespacePid: isolated ? pid : undefined,
    workingDir: workingDirOf(spec),
  });
  return { ...shell, cwd: inside ? "/" : workingDirOf(spec) };
}

function signalNumber(name: string | undefined): number {
  return Object.entries(constants.signals).find(([signal]) => signal === name)?.[1] ?? 0;
}

function cutOutput(output: string): string {
  return Buffer.from(output).subarray(0, MAX_OUTPUT_BYTES).toString("utf8");
}
