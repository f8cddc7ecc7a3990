import { quoteShell } from "../core/quote-shell.ts";
import { MOUNT_SCRIPT } from "./mount-script.ts";

/**
 * The shell script that stands between the runner and one container. It runs the command in the foreground, so that
 * SIGINT and SIGQUIT keep their meaning for it, and writes down how it ended whether or not a runner lives.
 *
 *     $1 exit record   then any number of cgroup.procs files and the word --
 *     then identity file   oom_score_adj or empty   problem file or empty   working directory
 *     the rest is the command, setsid(1) first: the child is no group leader, so setsid keeps its pid.
 *
 * The subshell says who it is (pid, start time = field 22 of its stat, boot id) before it becomes the command; when
 * it cannot, the command does not run, so nothing can run that a later runner would not find. /proc/self is the
 * subshell there, for the shell itself opens the file. The shell's own stderr goes nowhere ("Killed" is no line of
 * the container); fd 3 keeps the container's. The trap outlives signals that were meant for the command, and a
 * subshell takes it back. The variables have a prefix because one that the container has too would change in it;
 * PWD and its like are what shells add on their own.
 *
 * With a problem file the command begins with what isolates it: its complaints go there, the identity (fd 4, for its
 * path may not be seen from inside) is written at last by BECOME_SCRIPT, and all keep the pid.
 */
const SHIM_SCRIPT = `trap : TERM INT HUP QUIT
exec 3>&2 2>/dev/null
(
  shift
  while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done
  [ -z "$3" ] || echo "$3" >/proc/self/oom_score_adj
  [ -z "$4" ] || { exec 4>"$2" 2>"$4" && shift 5 && exec "$@"; exit; }
  cd -- "$5" || exit
  read -r slipway_stat </proc/self/stat && read -r slipway_boot </proc/sys/kernel/random/boot_id || exit
  identify() { echo "\${slipway_stat%% *} \${20} $slipway_boot"; }
  identify \${slipway_stat##*\\) } >"$2" || exit
  shift 5
  unset PWD OLDPWD SHLVL slipway_stat slipway_boot
  exec "$@" 2>&3 3>&-
)
echo $? >"$1"`;

/** In the container's namespace and as its user: enters its working directory ($1), says who it is and becomes it. */
const BECOME_SCRIPT = `cd -- "$1" || exit
read -r slipway_stat </proc/self/stat && read -r slipway_boot </proc/sys/kernel/random/boot_id || exit
identify() { echo "\${slipway_stat%% *} \${20} $slipway_boot"; }
identify \${slipway_stat##*\\) } >&4 || exit
shift
unset PWD OLDPWD SHLVL slipway_stat slipway_boot
exec "$@" 2>&3 3>&- 4>&-`;

/** The same on a terminal, which is its output and its complaints, too; those of who isolates it go to a file ($1). */
const COMPLAIN_SCRIPT = `exec 2>>"$1"
shift
exec "$@"`;
const BECOME_ON_TERMINAL_SCRIPT = BECOME_SCRIPT.replace("2>&3", "2>&1");

/** Enters cgroups (up to the word --) and becomes the command that follows. */
const ENTER_SCRIPT = `while [ "$1" != -- ]; do echo 0 >"$1"; shift; done
shift
exec "$@"`;

/** Enters a directory that is seen from inside a namespace only. */
const CHANGE_DIR_SCRIPT = `cd -- "$1" || exit
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

/** What isolates a command: a mount namespace, and setpriv(1) with its arguments. */
export interface ShimIsolation {
  /** The file with the words for MOUNT_SCRIPT; absent: no mount namespace of its own. */
  readonly mountPlanPath?: string;
  /** What is mounted in some of its directories reaches the machine. */
  readonly sharesMounts?: boolean;
  readonly setpriv: readonly string[];
}

/** The shim that runs `argv` as a container; values reach the script as arguments only. */
export function buildShimCommand(options: {
  readonly containerId: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly exitPath: string;
  readonly identityPath: string;
  readonly problemPath: string;
  readonly cgroupProcsPaths: readonly string[];
  readonly oomScoreAdjust: number | undefined;
  readonly isolation: ShimIsolation;
  readonly terminal: boolean;
}): ShellCommand {
  const { env, others } = splitEnvironment(options);
  const isolated = isolate(options);
  const parameters = [
    options.exitPath,
    ...options.cgroupProcsPaths,
    "--",
    options.identityPath,
    options.oomScoreAdjust === undefined ? "" : String(options.oomScoreAdjust),
    isolated.length === 0 ? "" : options.problemPath,
    options.workingDir,
  ];
  const command = options.terminal
    ? onTerminal([...isolated, ...restoreShell(env, others), ...options.argv], options)
    : ["setsid", ...isolated, ...withEnvironment(others), ...options.argv];
  return {
    command: "/bin/sh",
    args: ["-c", SHIM_SCRIPT, "slipway-shim", ...parameters, ...command],
    env: options.terminal ? { TERM: "xterm", ...env, SHELL: "/bin/sh" } : env,
  };
}

/** The container's own value of the variable that script(1) needs for itself, among what env(1) sets. */
function restoreShell(
  { SHELL }: Readonly<Record<string, string>>,
  others: readonly string[],
): readonly string[] {
  const shell = SHELL === undefined ? ["-u", "SHELL", "--"] : ["--", `SHELL=${SHELL}`];
  return ["/usr/bin/env", ...shell, ...others];
}

/**
 * script(1) between the pseudo-terminal that it makes and the container's input and output; it ends as the command does.
 * Its shell gets the words as one text, and $SHELL has to be that shell.
 */
function onTerminal(
  inside: readonly string[],
  { problemPath }: { readonly problemPath: string },
): readonly string[] {
  const words = ["/bin/sh", "-c", COMPLAIN_SCRIPT, "slipway-shim", problemPath, ...inside];
  return ["script", "-q", "-e", "-f", "-c", `exec ${words.map(quoteShell).join(" ")}`, "/dev/null"];
}

/** What stands before a command that has a namespace, a user or a terminal of its own; empty when it has none. */
function isolate(options: {
  readonly isolation: ShimIsolation;
  readonly workingDir: string;
  readonly terminal: boolean;
}): readonly string[] {
  const { mountPlanPath, sharesMounts, setpriv } = options.isolation;
  if (mountPlanPath === undefined && setpriv.length === 0 && !options.terminal) return [];
  const become = options.terminal ? BECOME_ON_TERMINAL_SCRIPT : BECOME_SCRIPT;
  const namespace =
    mountPlanPath === undefined
      ? []
      : [...unshare(sharesMounts === true), "/bin/sh", "-c", MOUNT_SCRIPT, "slipway-shim", mountPlanPath];
  return [...namespace, ...setpriv, "/bin/sh", "-c", become, "slipway-shim", options.workingDir];
}

/** What is mounted on the machine later is seen inside; the other way round only where MOUNT_SCRIPT leaves it so. */
function unshare(sharesMounts: boolean): readonly string[] {
  return ["unshare", "--mount", "--propagation", sharesMounts ? "unchanged" : "slave", "--"];
}

/** A command that runs beside the container's main process: in its environment, cgroups and namespace, as its user. */
export function buildExecCommand(options: {
  readonly containerId: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cgroupProcsPaths: readonly string[];
  readonly setpriv: readonly string[];
  /** Whose mount namespace is entered; undefined: the runner's own is the container's, too. */
  readonly namespacePid: number | undefined;
  readonly workingDir: string;
}): ShellCommand {
  const { env, others } = splitEnvironment(options);
  const { namespacePid, setpriv, workingDir } = options;
  const inside =
    namespacePid === undefined && setpriv.length === 0
      ? []
      : [
          ...(namespacePid === undefined
            ? []
            : ["nsenter", "--mount", "--target", String(namespacePid), "--"]),
          ...setpriv,
          ...["/bin/sh", "-c", CHANGE_DIR_SCRIPT, "sh", workingDir],
        ];
  const args = [
    "-c",
    ENTER_SCRIPT,
    "sh",
    ...options.cgroupProcsPaths,
    "--",
    ...inside,
    ...withEnvironment(others),
  ];
  return { command: "/bin/sh", args: [...args, ...options.argv], env };
}

/** Names that shells use for themselves. Source: POSIX XCU 2.5.3. */
const SHELL_NAMES = new Set(["PWD", "OLDPWD", "SHLVL", "IFS", "PPID", "OPTIND", "PS1", "PS2", "PS4", "PATH"]);

/** A shell drops or changes some variables; those pass it as arguments of env(1). PATH does so when it is not ours. */
function splitEnvironment(options: {
  readonly containerId: string;
  readonly env: Readonly<Record<string, string>>;
}): { readonly env: Record<string, string>; readonly others: readonly string[] } {
  const own = { PATH: DEFAULT_PATH, [CONTAINER_ID_VARIABLE]: options.containerId };
  const entries = Object.entries(options.env);
  const survives = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !SHELL_NAMES.has(name);
  return {
    env: { ...Object.fromEntries(entries.filter(([name]) => survives(name))), ...own },
    others: entries.filter(([name]) => !survives(name)).map(([name, value]) => `${name}=${value}`),
  };
}

/** What gives a command further variables, whose names may begin with a dash; empty when there are none. */
function withEnvironment(variables: readonly string[]): readonly string[] {
  return variables.length === 0 ? [] : ["/usr/bin/env", "--", ...variables];
}
