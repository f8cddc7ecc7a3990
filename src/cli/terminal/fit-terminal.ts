import { wrapText } from "../../core/wrap-text.ts";

/** A narrower terminal breaks lines itself. */
const MIN_COLUMNS = 40;

/** Text for people: long lines are broken between words on a terminal, and left whole for a file or a pipe. */
export function fitTerminal(text: string, stream: NodeJS.WriteStream): string {
  const { isTTY, columns } = stream;
  return isTTY && columns > MIN_COLUMNS ? wrapText(text, { columns, indent: 4 }) : text;
}
