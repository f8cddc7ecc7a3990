import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { constants } from "node:os";
import { Readable, type Writable } from "node:stream";

/** How to run a helper program to its end. */
export interface RunOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
  /** The program is killed after this. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called for each line of stdout and stderr, as they come. */
  readonly onLine?: (line: string) => void;
}

/** How a helper program ended. It never throws for a program that fails. */
export interface RunResult {
  /** Undefined when it was not started or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The system error when it could not be started: `ENOENT`, `EACCES`, … */
  readonly startError: string | undefined;
}

/** A program that goes on without us. File descriptors are open ones of this process; stdin is /dev/null unless asked for. */
export interface DetachedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: "pipe";
  readonly stdoutFd: number | "ignore";
  readonly stderrFd: number | "ignore";
}

/** A program that is talked to while it runs, in a session of its own. */
export interface PipedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Starts programs, never through a shell. */
export interface Exec {
  run(options: RunOptions): Promise<RunResult>;
  /**
   * Starts a program in a session of its own that outlives this process. Resolves when it is running, rejects with
   * the system error otherwise. The child may be listened to for `exit`; it does not keep this process alive.
   */
  spawnDetached(options: DetachedOptions): Promise<ChildProcess>;
  /** Starts a program with pipes on the file descriptors 0 to 3. Rejects with the system error. */
  spawnPiped(options: PipedOptions): Promise<PipedProcess>;
}

/** A program with pipes. */
export interface PipedProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** What the program writes on its file descriptor 3. */
  readonly fd3: Readable;
  /** Resolves with its exit code, 128 + the signal's number when one ended it. */
  readonly exited: Promise<number>;
}

/** Programs of this machine. execa is loaded at the first `run`. */
export function createExec(): Exec {
  return { run: runProgram, spawnDetached, spawnPiped };
}

async function runProgram(options: RunOptions): Promise<RunResult> {
  const { execa } = await import("execa");
  const child = execa(options.command, options.args ?? [], {
    reject: false,
    all: options.onLine !== undefined,
    stdin: options.input === undefined ? "ignore" : "pipe",
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const { onLine } = options;
  if (onLine !== undefined) {
    for await (const line of child.iterable({ from: "all" })) onLine(line);
  }
  const result = await child;
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    stdout: result.stdout ?? "",
    stderr: result.stderr ?? "",
    timedOut: result.timedOut,
    startError: result.exitCode === undefined && result.signal === undefined ? result.code : undefined,
  };
}

function spawnDetached(options: DetachedOptions): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.command, options.args, {
      detached: true,
      env: options.env,
      stdio: [options.stdin ?? "ignore", options.stdoutFd, options.stderrFd],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      child.unref();
      // A pipe to it does not keep this process alive, either.
      if (child.stdin instanceof Socket) child.stdin.unref();
      resolve(child);
    });
  });
}

function spawnPiped({ command, args, env, cwd }: PipedOptions): Promise<PipedProcess> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      detached: true,
      env,
      cwd,
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    const exited = new Promise<number>((tell) => {
      child.once("exit", (code, signal) =>
        tell(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      const { pid, stdin, stdout, stderr } = child;
      const fd3 = child.stdio[3];
      if (pid === undefined || !(fd3 instanceof Readable)) throw new Error(`${command} has no pipes`);
      resolve({ pid, stdin, stdout, stderr, fd3, exited });
    });
  });
}
