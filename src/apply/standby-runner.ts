import type { System } from "../system/system.ts";

/** Variables of this process that the runner keeps: where to find binaries and, for programs it runs, the home. */
const KEPT_VARIABLES = ["PATH", "HOME", "XDG_CACHE_HOME", "SLIPWAY_CACHE_DIR", "SSL_CERT_FILE", "LANG", "TZ"];

/**
 * A runner's process that has loaded its program and waits. It has touched nothing yet, and ends by itself when this
 * process ends without having told it to begin.
 */
export interface StandbyRunner {
  readonly pid: number | undefined;
  /** How it ended; undefined while it lives. */
  readonly exit: () => string | undefined;
  /** Lets it begin, with its output in `logPath`, a file that is there. */
  readonly begin: (logPath: string) => void;
  /** Ends it, unless it has begun. */
  readonly dismiss: () => void;
}

/**
 * Starts a runner's process, which loads while other work is done: that takes as long as planning does. Rejects with
 * the system error when the program cannot be started.
 */
export async function spawnStandbyRunner(
  system: System,
  options: { readonly root: string; readonly command: readonly string[] },
): Promise<StandbyRunner> {
  const [program = "", ...args] = options.command;
  let exit: string | undefined;
  let hasBegun = false;
  const child = await system.exec.spawnDetached({
    command: program,
    args: [...args, "runner", "run", "--standby", "--root", options.root],
    env: selectEnv(system.host.env),
    cwd: "/",
    stdin: "pipe",
    stdoutFd: "ignore",
    stderrFd: "ignore",
  });
  child.once("exit", (code, name) => {
    exit = name === null ? `it ended with exit code ${code}` : `it was ended by ${name}`;
  });
  // One that has ended already is seen by its exit.
  child.stdin?.on("error", () => undefined);
  return {
    pid: child.pid,
    exit: () => exit,
    begin: (logPath) => {
      hasBegun = true;
      child.stdin?.end(`${logPath}\n`);
    },
    dismiss: () => {
      // It has touched nothing, and may not have come so far as to see that its input has ended.
      if (!hasBegun) child.kill("SIGKILL");
    },
  };
}

function selectEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
