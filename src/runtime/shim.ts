/**
 * The shell script that stands between the runner and one container. It runs the command in the foreground, so that
 * SIGINT and SIGQUIT keep their meaning for it, and writes down how it ended whether or not a runner lives.
 *
 *     $1 exit record   $2 identity file   $3 cgroup.procs or empty   $4 oom_score_adj or empty   $5 working directory
 *     the rest is the command, setsid(1) first: the child is no group leader, so setsid keeps its pid.
 *
 * The subshell says who it is (pid, start time = field 22 of its stat, boot id) before it becomes the command; when
 * it cannot, the command does not run, so nothing can run that a later runner would not find. /proc/self is the
 * subshell there, for the shell itself opens the file. The shell's own stderr goes nowhere ("Killed" is no line of
 * the container); fd 3 keeps the container's. The trap outlives signals that were meant for the command, and a
 * subshell takes it back. The variables have a prefix because one that the container has too would change in it;
 * PWD and its like are what shells add on their own.
 */
const SHIM_SCRIPT = `trap : TERM INT HUP QUIT
exec 3>&2 2>/dev/null
(
  [ -z "$3" ] || echo 0 >"$3"
  [ -z "$4" ] || echo "$4" >/proc/self/oom_score_adj
  cd -- "$5" || exit
  read -r slipway_stat </proc/self/stat && read -r slipway_boot </proc/sys/kernel/random/boot_id || exit
  identify() { echo "\${slipway_stat%% *} \${20} $slipway_boot"; }
  identify \${slipway_stat##*\\) } >"$2" || exit
  shift 5
  unset PWD OLDPWD SHLVL slipway_stat slipway_boot
  exec "$@" 2>&3 3>&-
)
echo $? >"$1"`;

/** Enters a cgroup ($1, may be empty) and becomes the command that follows. */
const ENTER_SCRIPT = `[ -z "$1" ] || echo 0 >"$1"
shift
exec "$@"`;

/** Set in everything that a container runs: finds its processes where there are no cgroups. */
export const CONTAINER_ID_VARIABLE = "SLIPWAY_CONTAINER_ID";

/** Where programs of this machine are looked for, and the PATH of a container that names none. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A program with its arguments and the environment that a shell may be given. */
export interface ShellCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The shim that runs `argv` as a container; values reach the script as arguments only. */
export function buildShimCommand(options: {
  readonly containerId: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly exitPath: string;
  readonly identityPath: string;
  readonly cgroupProcsPath: string | undefined;
  readonly oomScoreAdjust: number | undefined;
}): ShellCommand {
  const { env, argvPrefix } = splitEnvironment(options);
  const parameters = [
    options.exitPath,
    options.identityPath,
    options.cgroupProcsPath ?? "",
    options.oomScoreAdjust === undefined ? "" : String(options.oomScoreAdjust),
    options.workingDir,
  ];
  const args = ["-c", SHIM_SCRIPT, "slipway-shim", ...parameters, "setsid", ...argvPrefix, ...options.argv];
  return { command: "/bin/sh", args, env };
}

/** A command that runs beside the container's main process, in its environment and cgroup. */
export function buildExecCommand(options: {
  readonly containerId: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cgroupProcsPath: string | undefined;
}): ShellCommand {
  const { env, argvPrefix } = splitEnvironment(options);
  const args = ["-c", ENTER_SCRIPT, "sh", options.cgroupProcsPath ?? "", ...argvPrefix, ...options.argv];
  return { command: "/bin/sh", args, env };
}

/** Names that shells use for themselves. Source: POSIX XCU 2.5.3. */
const SHELL_NAMES = new Set(["PWD", "OLDPWD", "SHLVL", "IFS", "PPID", "OPTIND", "PS1", "PS2", "PS4", "PATH"]);

/** A shell drops or changes some variables; those pass it as arguments of env(1). PATH does so when it is not ours. */
function splitEnvironment(options: {
  readonly containerId: string;
  readonly env: Readonly<Record<string, string>>;
}): { readonly env: Record<string, string>; readonly argvPrefix: readonly string[] } {
  const own = { PATH: DEFAULT_PATH, [CONTAINER_ID_VARIABLE]: options.containerId };
  const entries = Object.entries(options.env);
  const survives = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !SHELL_NAMES.has(name);
  const rest = entries.filter(([name]) => !survives(name)).map(([name, value]) => `${name}=${value}`);
  return {
    env: { ...Object.fromEntries(entries.filter(([name]) => survives(name))), ...own },
    argvPrefix: rest.length === 0 ? [] : ["/usr/bin/env", ...rest],
  };
}
