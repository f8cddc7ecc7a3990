import { dirname } from "node:path";
import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

/** The parts of a failure that a person reads. `details` are further lines, one finding each. */
export interface FailureText {
  readonly code: ErrorCode;
  /** Names the object and the path or value. */
  readonly what: string;
  /** The observed cause. */
  readonly why: string;
  /** A command or an edit that the reader can do now. */
  readonly fix: string;
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

/** A failure that a user can cause or mend. Anything else that is thrown is a bug. */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(failure: FailureText) {
    super(`${failure.what}: ${failure.why}`, { cause: failure.cause });
    this.name = "SlipwayError";
    this.code = failure.code;
    this.what = failure.what;
    this.why = failure.why;
    this.fix = failure.fix;
    this.details = failure.details ?? [];
    this.exitCode = ERROR_CODES[failure.code].exitCode;
  }
}

/** Why something is not as it should be, and what helps. */
export type Problem = Pick<FailureText, "why" | "fix">;

/** These parts of a failure alone. */
export function toProblem({ why, fix }: Problem): Problem {
  return { why, fix };
}

/** In a line. */
export function describeProblem({ why, fix }: Problem): string {
  return `${why}; ${fix}`;
}

/** The `code` of an error of Node's (`ENOENT`, `EACCES`, `ERR_…`), or undefined for any other value. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The path that a system error is about; undefined when it names none. */
export function systemErrorPath(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("path" in error)) return undefined;
  return typeof error.path === "string" ? error.path : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const FULL: readonly string[] = ["ENOSPC", "EDQUOT"];

/** Whether a system error is of a full disk, or of a quota that is used up. */
export function isDiskFull(error: unknown): boolean {
  return FULL.includes(systemErrorCode(error) ?? "");
}

/** Source: fork(2): EAGAIN is the limit of a user, or of a cgroup. */
const NO_PROCESS = "no more processes and threads may be started";

/** Whether a sentence with words of `messageIn` is of that. */
export function tellsOfNoProcess(sentence: string): boolean {
  return sentence.includes(NO_PROCESS);
}

/** What helps then. */
export const RAISE_PROCESSES =
  "raise the limit where the runner is started (ulimit -u, TasksMax of its unit, or pids.max of its cgroup)";

/** As `messageOf`; of a full disk also the directory where it is full: that of the error's path, else `dir`. */
export function messageIn(error: unknown, dir: string): string {
  const code = systemErrorCode(error) ?? "";
  if (code === "EAGAIN" && messageOf(error).startsWith("spawn ")) return NO_PROCESS;
  if (!isDiskFull(error)) return messageOf(error);
  const path = systemErrorPath(error);
  return `${FILE_CAUSES[code]} at ${path === undefined ? dir : dirname(path)}`;
}

/** The directory that `messageIn` names in a sentence; undefined where it is of something else than a full disk. */
export function findFullDir(sentence: string): string | undefined {
  return FULL.map((code) => sentence.split(`${FILE_CAUSES[code]} at `)[1]).find((dir) => dir !== undefined);
}

const FILE_CAUSES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  ENOENT: "it does not exist",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory",
  EBUSY: "it is in use, or something is mounted on it",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EMFILE: "this process has too many files open",
  ENFILE: "the machine has too many files open",
  ELOOP: "it is a symbolic link or a loop of them",
};

/**
 * A file system failure as a SlipwayError: SLIPWAY_NO_SPACE for ENOSPC and EDQUOT, else SLIPWAY_FILE_ACCESS.
 * An error that is not a system error is returned unchanged, for it is a bug.
 */
export function describeFileError(
  error: unknown,
  attempt: { readonly action: string; readonly path: string },
): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  const full = isDiskFull(error);
  const noDir = code === "ENOENT" && attempt.action.startsWith("write");
  return new SlipwayError({
    code: full ? "SLIPWAY_NO_SPACE" : "SLIPWAY_FILE_ACCESS",
    what: `cannot ${attempt.action} ${attempt.path}`,
    why: noDir ? "its directory does not exist" : (FILE_CAUSES[code] ?? messageOf(error)),
    fix: noDir
      ? `run the command again after: mkdir -p ${dirname(attempt.path)}`
      : fixFor(code, attempt.path),
    cause: error,
  });
}

function fixFor(code: string, path: string): string {
  if (FULL.includes(code))
    return `free some space (df -h ${path}) or files (df -i ${path}), then run the command again`;
  if (OUT_OF_DESCRIPTORS.includes(code)) return RAISE_DESCRIPTORS;
  if (code === "EROFS")
    return `remount its file system (mount -o remount,rw) and run the command again; to see which: findmnt -T ${dirname(path)}`;
  const asRoot = code === "EACCES" ? "run it as root (sudo), or " : "";
  return `${asRoot}check the path and its permissions (ls -ld ${path})`;
}

/** Source: open(2): EMFILE is this process's limit, ENFILE the whole machine's. */
const OUT_OF_DESCRIPTORS = ["EMFILE", "ENFILE"];
const RAISE_DESCRIPTORS =
  "raise the limit (ulimit -n 65536, as root also ulimit -Hn 65536), then run the command again";

/** What lies in the machine and not in us, and the path that it is about may lie anywhere below a root. */
const UNUSABLE = [...FULL, "EACCES", "EIO", "ELOOP", "ENAMETOOLONG", "ENOTDIR", "EPERM", "EROFS"];

/**
 * An error that came out where none is expected: SLIPWAY_FILE_ACCESS when the process had no file descriptor left, or
 * a path could not be used, which may show anywhere, SLIPWAY_NO_SPACE when a disk is full; else it is returned
 * unchanged, for it is a bug.
 */
export function describeStrayError(error: unknown): unknown {
  const code = systemErrorCode(error) ?? "";
  const path = systemErrorPath(error);
  if (isWithoutDirectory(error))
    return new SlipwayError({
      code: "SLIPWAY_FILE_ACCESS",
      what: "a path that does not begin with / cannot be found",
      why: "the directory that this shell is in has been removed",
      fix: "go to another one (cd /), or give whole paths",
      cause: error,
    });
  if (UNUSABLE.includes(code) && path !== undefined) return describeFileError(error, { action: "use", path });
  if (!OUT_OF_DESCRIPTORS.includes(code)) return error;
  return new SlipwayError({
    code: "SLIPWAY_FILE_ACCESS",
    what: "a file or connection could not be opened",
    why: messageOf(error),
    fix: RAISE_DESCRIPTORS,
    cause: error,
  });
}

/** What Node.js says of a working directory that is gone. Source: libuv unix/core.c uv_cwd. */
function isWithoutDirectory(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && error.syscall === "uv_cwd";
}

/** For a `catch` after which what cannot be read counts as not there: an error that is none of ours is a bug, and goes on. */
export function whenOurs(error: unknown): undefined {
  if (error instanceof SlipwayError) return undefined;
  throw error;
}
