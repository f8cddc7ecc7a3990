import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { quoteShell } from "../core/quote-shell.ts";
import type { System } from "../system/system.ts";
import type { ContainerRecord } from "./container-record.ts";
import { buildContainerCommand } from "./exec-in-container.ts";
import type { ShellCommand } from "./shim.ts";
import { setTerminalSize } from "./terminal.ts";
import type { ExecSession, TerminalSize } from "./types.ts";

/** Says on file descriptor 3 which terminal it has, sets its size ($1 rows, $2 columns), becomes what follows. */
const TERMINAL_SCRIPT = `tty >&3
exec 3>&-
stty rows "$1" cols "$2"
shift 2
exec "$@"`;

/**
 * Starts a command beside a container's main process and leaves its streams to the caller. A terminal is one of
 * script(1): it makes the pseudo-terminal, copies what goes through it, and ends as the command does.
 */
export async function openExecSession(
  system: System,
  options: {
    readonly record: ContainerRecord;
    /** Of the container's main process. */
    readonly pid: number;
    readonly command: readonly string[];
    readonly terminal: TerminalSize | undefined;
  },
): Promise<ExecSession> {
  const { terminal } = options;
  const { cwd, ...inside } = buildContainerCommand(options, options.command);
  const shell = terminal === undefined ? inside : wrapInTerminal(inside, terminal);
  const child = await system.exec.spawnPiped({ ...shell, cwd });
  ignoreBrokenPipes(child.stdin);
  const device = terminal === undefined ? undefined : readLine(child.fd3);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited: child.exited,
    resize: async (size) => {
      const path = await device;
      if (path === undefined) return;
      await setTerminalSize(system, { device: path, size });
    },
    hangUp: () => {
      child.stdin.destroy();
      // A terminal that is gone sends SIGHUP itself; script(1) keeps that signal from itself.
      system.host.kill(-child.pid, terminal === undefined ? "SIGHUP" : "SIGKILL");
    },
  };
}

/**
 * script(1) gives its command to $SHELL, so that has to be a shell; the container's own value comes back inside.
 * Source: script(1) of util-linux; TERM as container runtimes set it.
 */
function wrapInTerminal(inside: ShellCommand, { rows, columns }: TerminalSize): ShellCommand {
  const { SHELL, ...env } = inside.env;
  const shell = SHELL === undefined ? ["-u", "SHELL"] : [`SHELL=${SHELL}`];
  const argv = ["/usr/bin/env", ...shell, inside.command, ...inside.args];
  const command = ["/bin/sh", "-c", TERMINAL_SCRIPT, "sh", String(rows), String(columns), ...argv];
  return {
    command: "script",
    args: ["-q", "-e", "-f", "-c", command.map(quoteShell).join(" "), "/dev/null"],
    env: { TERM: "xterm", ...env, SHELL: "/bin/sh" },
  };
}

async function readLine(stream: Readable): Promise<string | undefined> {
  stream.setEncoding("utf8");
  await Promise.race([once(stream, "readable"), once(stream, "close")]);
  const line = String(stream.read() ?? "").trim();
  return line.startsWith("/dev/") ? line : undefined;
}

/** A command need not read what it is given. */
function ignoreBrokenPipes(stream: Writable): void {
  stream.on("error", () => undefined);
}
