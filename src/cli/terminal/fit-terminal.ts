import { wrapText } from "../../core/wrap-text.ts";

/** A narrower terminal breaks lines itself. */
const MIN_COLUMNS = 40;

/** Text for stderr: long lines are broken between words on a terminal, and left whole for a log file. */
export function fitTerminal(text: string): string {
  const { isTTY, columns } = process.stderr;
  return isTTY && columns > MIN_COLUMNS ? wrapText(text, { columns, indent: 4 }) : text;
}
