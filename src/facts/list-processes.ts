import { basename } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import { escapeControls } from "../core/escape-controls.ts";
import type { System } from "../system/system.ts";

/** A process that was running a moment ago. */
export interface ProcessFact {
  readonly pid: number;
  /** Never empty. */
  readonly argv: readonly string[];
}

/** So many files of /proc are open at once: a process that may open few must still be told so. */
const AT_ONCE = 32;

/** What a look at every process gives. */
export async function lookAtProcesses<Seen>(
  system: System,
  look: (pid: number) => Promise<Seen>,
): Promise<readonly Seen[]> {
  const pids = (await system.fs.list("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const seen: Seen[] = [];
  for (let start = 0; start < pids.length; start += AT_ONCE)
    seen.push(...(await Promise.all(pids.slice(start, start + AT_ONCE).map(look))));
  return seen;
}

/** Every process with a command line, by pid; kernel threads have none. Those that end meanwhile are left out. */
export async function listProcesses(system: System): Promise<readonly ProcessFact[]> {
  const processes = await lookAtProcesses(system, (pid) => readProcess(system, pid));
  return processes.filter((process) => process !== undefined).sort((left, right) => left.pid - right.pid);
}

/** A running process by pid; undefined when it is gone, hidden or a kernel thread. */
export async function readProcess(system: System, pid: number): Promise<ProcessFact | undefined> {
  const text = await whenReadable(system.fs.readText(`/proc/${pid}/cmdline`));
  if (text === undefined || text === "") return undefined;
  return { pid, argv: text.replace(/\0$/, "").split("\0") };
}

/** What a process is called, fit for a terminal: its program's name, or `slipway` for Node.js with our main file. */
export function describeCommand(argv: readonly string[]): string {
  return isSlipway(argv) ? "slipway" : escapeControls(basename(argv[0] ?? ""));
}

/** Whether a command line is a runner of ours: `slipway … runner run …`, also as Node.js with the main file. */
export function isRunner(argv: readonly string[]): boolean {
  return isSlipway(argv) && argv.some((word, index) => word === "runner" && argv[index + 1] === "run");
}

/** `main.cjs` alone is anybody's; only as a runner it is surely ours. */
function isSlipway(argv: readonly string[]): boolean {
  const [program = "", ...words] = argv.map((word) => basename(word));
  if (program === "slipway") return true;
  const script = words.find((word) => !word.startsWith("-")) ?? "";
  if (program !== "node") return false;
  return script === "slipway" || (/^main\.[cm]?[jt]s$/.test(script) && words.includes("runner"));
}

/**
 * Whether a process has this machine's files: the paths of one in a container lead elsewhere. True where this user may
 * not look. Source: proc(5), /proc/pid/root.
 */
export async function sharesFiles(system: System, pid: number): Promise<boolean> {
  const [its, ours] = await Promise.all(
    [`/proc/${pid}/root`, "/"].map((path) => whenReadable(system.fs.stat(path))),
  );
  return its === undefined || (its.dev === ours?.dev && its.ino === ours.ino);
}

/**
 * Whether a process is of root, of this user, or of `owner`: any other user may call a program of theirs what they like.
 * Source: Linux fs/proc/base.c task_dump_owner, /proc/pid is the effective user's.
 */
export async function isTrusted(
  system: System,
  { pid, owner }: { readonly pid: number; readonly owner?: number | undefined },
): Promise<boolean> {
  const uid = (await whenReadable(system.fs.stat(`/proc/${pid}`)))?.uid;
  return uid !== undefined && [0, system.host.uid, owner].includes(uid);
}

/** A value of /proc, or what a process names, that may be gone, no file, or hidden from this user: then undefined. */
export async function whenReadable<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== undefined && HIDDEN.includes(code)) return undefined;
    throw error;
  }
}

const HIDDEN = ["ENOENT", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ESRCH", "EACCES", "EPERM"];
