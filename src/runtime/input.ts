import type { Writable } from "node:stream";
import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { ContainerPaths } from "./container-store.ts";
import { DEFAULT_PATH, type ShellCommand } from "./shim.ts";
import type { ContainerSpec } from "./types.ts";

/**
 * A container's input is a named pipe that its first process has open for reading and writing: it never ends, whoever
 * writes to it comes and goes, and it needs no runner.
 */
const OPEN_SCRIPT = `exec <>"$1"
shift
exec "$@"`;

/**
 * Input that ends with the first client ($1): a process of the container's keeps it open until somebody writes to the
 * pipe beside it ($2), which the runner does when it has a writer of its own. When that one is closed, also by a
 * runner's death, the input has ended. The cgroup.procs files up to the word -- make it go with the container.
 */
const HOLD_SCRIPT = `exec 5<>"$1" 6<>"$2"
(
  shift 2
  while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done
  read -r _ <&6
) >/dev/null 2>&1 &
exec <"$1" 5>&- 6>&-
while [ "$1" != -- ]; do shift; done
shift
exec "$@"`;

/** Whether a container has input: a terminal has some even if nobody may type. */
export function hasInput({ input, terminal }: Pick<ContainerSpec, "input" | "terminal">): boolean {
  return input !== undefined || terminal === true;
}

/** Makes the pipes that a container's input is read from, for its own user. */
export async function makeInput(
  system: Pick<System, "exec" | "fs">,
  { spec, paths }: { readonly spec: ContainerSpec; readonly paths: ContainerPaths },
): Promise<void> {
  if (!hasInput(spec)) return;
  const pipes = [paths.inputPath, ...(spec.input === "once" ? [paths.inputHeldPath] : [])];
  const env = { PATH: DEFAULT_PATH };
  const made = await system.exec.run({ command: "mkfifo", args: ["-m", "600", ...pipes], env });
  if (made.exitCode !== 0)
    throw new Error(`no pipe for the container's input: ${made.stderr || made.startError}`);
  const { user, group = 0 } = spec.security ?? {};
  if (user !== undefined) await system.fs.chown(paths.inputPath, { uid: user, gid: group });
}

/** The shim of a container with its input. */
export function withInput(
  shim: ShellCommand,
  options: {
    readonly spec: ContainerSpec;
    readonly paths: Pick<ContainerPaths, "inputPath" | "inputHeldPath">;
    readonly cgroupProcsPaths: readonly string[];
  },
): ShellCommand {
  const { spec, paths, cgroupProcsPaths } = options;
  if (!hasInput(spec)) return shim;
  const script =
    spec.input === "once"
      ? [HOLD_SCRIPT, "slipway-shim", paths.inputPath, paths.inputHeldPath, ...cgroupProcsPaths, "--"]
      : [OPEN_SCRIPT, "slipway-shim", paths.inputPath];
  return { ...shim, command: "/bin/sh", args: ["-c", ...script, shim.command, ...shim.args] };
}

/** Opens a running container's input for a client; undefined when it has none, or none any more. */
export async function openInput(
  system: Pick<System, "fs">,
  { spec, paths }: { readonly spec: ContainerSpec; readonly paths: ContainerPaths },
): Promise<Writable | undefined> {
  if (spec.input === undefined) return undefined;
  const pipe = await whenRead(system.fs.openPipe(paths.inputPath));
  if (spec.input === "open" || pipe === undefined) return pipe;
  const holder = await whenRead(system.fs.openPipe(paths.inputHeldPath));
  holder?.end("\n");
  if (holder !== undefined) return pipe;
  pipe.destroy();
  return undefined;
}

/** Undefined when nobody reads. */
async function whenRead(pipe: Promise<Writable>): Promise<Writable | undefined> {
  try {
    return await pipe;
  } catch (error) {
    if (["ENXIO", "ENOENT"].includes(systemErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
