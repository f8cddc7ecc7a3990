import { dirname } from "node:path";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import { isMountPoint } from "./mounts.ts";
import { parseOwnJson } from "./own-json.ts";

const KINDS = ["dir", "shared-dir", "file", "tree", "mount"] as const;

const MODE = 0o600;

/**
 * A path outside the runner's own trees that was made for a pod or, where there is no ledger, for the runner itself; or
 * what was mounted at one within them. A `shared-dir` goes when it is empty.
 */
export interface MadePath {
  readonly kind: (typeof KINDS)[number];
  readonly path: string;
}

/**
 * Notes that a path is going to be made, so that reset can undo it: one JSON line at the end of a file. It begins with a
 * newline, for a full disk may have halved the line before it.
 */
export function noteMadePath(
  system: Pick<System, "fs">,
  options: { readonly notesPath: string; readonly made: MadePath },
): Promise<void> {
  return system.fs.appendText(options.notesPath, { text: formatNote(options.made), mode: MODE });
}

/** Notes as they stand in their file. */
export function formatMadePaths(made: readonly MadePath[]): string {
  return made.map(formatNote).join("");
}

/** What was noted, in order. A line that a power cut or a full disk has halved is left out: its path was not made. */
export async function readMadePaths(
  system: Pick<System, "fs">,
  notesPath: string,
): Promise<readonly MadePath[]> {
  const text = (await system.fs.readTextIfExists(notesPath)) ?? "";
  return text.split("\n").slice(0, -1).flatMap(parseLine);
}

/**
 * Writes the notes anew without what is there twice and what is gone: the log directories of removed pods and what was
 * unmounted with them, which are noted again before they are made again. Nobody may note anything meanwhile.
 */
export async function compactMadePaths(system: Pick<System, "fs">, notesPath: string): Promise<void> {
  const notes = await readMadePaths(system, notesPath);
  const unique = [...new Map(notes.map((made) => [formatNote(made), made])).values()];
  const gone = await Promise.all(unique.map((made) => isGone(system, made)));
  const kept = unique.filter((_, index) => gone[index] !== true);
  if (kept.length === notes.length) return;
  await system.fs.writeAtomic(notesPath, { data: formatMadePaths(kept), mode: MODE });
}

/** A tree whose parent is not there either may lie on a disk that is not mounted now. */
async function isGone(system: Pick<System, "fs">, { kind, path }: MadePath): Promise<boolean> {
  if (kind === "mount") return !(await isMountPoint(system, path));
  if (kind !== "tree" || (await system.fs.lstat(path)) !== undefined) return false;
  return (await system.fs.lstat(dirname(path))) !== undefined;
}

function formatNote(made: MadePath): string {
  return `\n${JSON.stringify(made)}\n`;
}

function parseLine(line: string): readonly MadePath[] {
  const value = parseOwnJson(line);
  if (!isObject(value) || typeof value["path"] !== "string") return [];
  const { kind, path } = value;
  const known = KINDS.find((candidate) => candidate === kind);
  return known === undefined ? [] : [{ kind: known, path }];
}
