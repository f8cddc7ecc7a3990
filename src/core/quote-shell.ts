import { escapeControls } from "./escape-controls.ts";

/** A word as a POSIX shell reads it back, without a control character. Source: POSIX.1-2024, dollar-single-quotes. */
export function quoteShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (escapeControls(word) === word) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${escapeControls(word.replace(/[\\']/g, "\\$&"))}'`;
}
