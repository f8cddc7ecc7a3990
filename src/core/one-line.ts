import { stripVTControlCharacters } from "node:util";
import { escapeControls } from "./escape-controls.ts";

/** Enough for any message that is meant to be read. */
const MAX_CHARACTERS = 1000;

/**
 * What a program wrote, to be quoted in a line of ours: without colours, line breaks and whatever else a terminal obeys,
 * and no longer than a person reads.
 */
export function toOneLine(text: string): string {
  const line = escapeControls(
    stripVTControlCharacters(text.slice(0, 2 * MAX_CHARACTERS))
      .replace(/[\t\r\n\v\f]+/g, " ")
      .trim(),
  );
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line;
}
