import { stripVTControlCharacters } from "node:util";
import { groupWords } from "./group-words.ts";

/**
 * A text in lines of at most `columns`, broken between words; further lines begin with `indent` blanks, and those of a
 * line that is indented more, with two more than it. A word, or a command, that is longer than a line stays where it is:
 * the terminal breaks it, and it can still be copied.
 */
export function wrapText(
  text: string,
  options: { readonly columns: number; readonly indent: number },
): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, options))
    .join("\n");
}

function wrapLine(
  text: string,
  { columns, indent }: { readonly columns: number; readonly indent: number },
): string {
  if (widthOf(text) <= columns) return text;
  const [, lead = "", body = ""] = /^(\s*)(.*)$/.exec(text) ?? [];
  const margin = " ".repeat(lead.length > indent ? lead.length + 2 : indent);
  const lines: string[] = [];
  let line = lead;
  for (const word of groupWords(body)) {
    const joined = line.trim() === "" ? `${line}${word}` : `${line} ${word}`;
    const fitsOnNext = margin.length + widthOf(word) <= columns;
    if (widthOf(joined) > columns && line.trim() !== "" && fitsOnNext) {
      lines.push(line.trimEnd());
      line = `${margin}${word}`;
    } else {
      line = joined;
    }
  }
  return [...lines, line].join("\n");
}

/** Colours take no room. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
