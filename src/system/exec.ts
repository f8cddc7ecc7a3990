import { type ChildProcess, spawn } from "node:child_process";

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

/** A program that goes on without us. File descriptors are open ones of this process; stdin is /dev/null. */
export interface DetachedOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdoutFd: number | "ignore";
  readonly stderrFd: number | "ignore";
}

/** Starts programs, never through a shell. */
export interface Exec {
  run(options: RunOptions): Promise<RunResult>;
  /**
   * Starts a program in a session of its own that outlives this process. Resolves when it is running, rejects with
   * the system error otherwise. The child may be listened to for `exit`; it does not keep this process alive.
   */
  spawnDetached(options: DetachedOptions): Promise<ChildProcess>;
}

/** Programs of this machine. execa is loaded at the first `run`. */
export function createExec(): Exec {
  return { run: runProgram, spawnDetached };
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
      stdio: ["ignore", options.stdoutFd, options.stderrFd],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    child.once("error", reject);
    child.once("spawn", () => {
      child.off("error", reject);
      child.unref();
      resolve(child);
    });
  });
}
