import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import { parseOwnJson } from "./own-json.ts";

const KINDS = ["dir", "file", "tree", "mount"] as const;

/** A path outside the runner's own trees that was made for a pod, or what was mounted at one within them. */
export interface MadePath {
  readonly kind: (typeof KINDS)[number];
  readonly path: string;
}

/**
 * Notes that a path is going to be made, so that reset can undo it: one JSON line in a file that only grows. It begins
 * with a newline, for a full disk may have halved the line before it.
 */
export function noteMadePath(
  system: Pick<System, "fs">,
  options: { readonly notesPath: string; readonly made: MadePath },
): Promise<void> {
  return system.fs.appendText(options.notesPath, {
    text: `\n${JSON.stringify(options.made)}\n`,
    mode: 0o600,
  });
}

/** What was noted, in order. A line that a power cut or a full disk has halved is left out: its path was not made. */
export async function readMadePaths(
  system: Pick<System, "fs">,
  notesPath: string,
): Promise<readonly MadePath[]> {
  const text = (await system.fs.readTextIfExists(notesPath)) ?? "";
  return text.split("\n").slice(0, -1).flatMap(parseLine);
}

function parseLine(line: string): readonly MadePath[] {
  const value = parseOwnJson(line);
  if (!isObject(value) || typeof value["path"] !== "string") return [];
  const { kind, path } = value;
  const known = KINDS.find((candidate) => candidate === kind);
  return known === undefined ? [] : [{ kind: known, path }];
}
