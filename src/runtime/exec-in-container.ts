import { join } from "node:path";
import { collectOutput } from "../system/collect-output.ts";
import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-record.ts";
import { needsNamespace } from "./isolation.ts";
import { buildSetpriv } from "./set-privileges.ts";
import { buildExecCommand, type ShellCommand } from "./shim.ts";
import { workingDirOf } from "./start-container.ts";
import type { ExecResult } from "./types.ts";

/** Source: kubelet prober/prober.go maxRespBodyLength. */
const MAX_OUTPUT_BYTES = 10 * 1024;

/**
 * Runs a command as a running container's user, with its environment, working directory, mounts and cgroups. When its
 * time is over all of its process group is killed. Rejects only when nothing can be started.
 */
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
  const child = await system.exec.spawnPiped(buildContainerCommand(options, options.command));
  let timedOut = false;
  const cancel = system.clock.after(options.timeoutMs, () => {
    timedOut = true;
    system.host.kill(-child.pid, "SIGKILL");
  });
  child.stdin.destroy();
  child.fd3.destroy();
  const { exitCode, stdout, stderr } = await collectOutput(system, {
    program: { ...child, exited: child.exited.finally(cancel) },
    maxBytes: MAX_OUTPUT_BYTES,
  });
  const said = [stdout, stderr].map((text) => text.toString("utf8").trimEnd()).filter((text) => text !== "");
  return { exitCode, output: cutOutput(said.join("\n")), timedOut };
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

function cutOutput(output: string): string {
  return Buffer.from(output).subarray(0, MAX_OUTPUT_BYTES).toString("utf8");
}
