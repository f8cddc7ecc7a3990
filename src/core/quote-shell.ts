import { escapeControls } from "./escape-controls.ts";

/** A word as any POSIX shell reads it back. */
export function quoteShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The same for a person who is to copy it: without a control character, in a form that bash and zsh read back but dash
 * does not. Source: POSIX.1-2024, dollar-single-quotes.
 */
export function quoteShown(word: string): string {
  if (escapeControls(word) === word) return quoteShell(word);
  return `$'${escapeControls(word.replace(/[\\']/g, "\\$&"))}'`;
}

/** The command that moves a file out of the way, under its name with an ending. */
export function moveCommand(path: string, ending = ".old"): string {
  return `mv ${quoteShown(path)} ${quoteShown(`${path}${ending}`)}`;
}
