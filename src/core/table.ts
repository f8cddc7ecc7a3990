import { wrapText } from "./wrap-text.ts";

/** Further lines of a cell that was moved below its row begin here. */
const BELOW_INDENT = 4;

/** Rows under headings as aligned columns, two blanks between, as kubectl prints them; ends with a newline. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (cells[column] ?? "").padEnd(width))
      .join("  ")
      .trimEnd();
  return [headings, ...rows].map((cells) => `${line(cells)}\n`).join("");
}

/** The same, but where a line would be longer than `columns`, the last cell stands in lines of its own below its row. */
export function formatNarrowTable(
  headings: readonly string[],
  options: { readonly rows: readonly (readonly string[])[]; readonly columns: number },
): string {
  const { rows, columns } = options;
  const whole = formatTable(headings, rows);
  if (whole.split("\n").every((line) => line.length <= columns)) return whole;
  const [head = "", ...lines] = formatTable(
    headings.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
  )
    .trimEnd()
    .split("\n");
  const below = (row: readonly string[]): string =>
    wrapText(`${" ".repeat(BELOW_INDENT)}${row.at(-1)}`, { columns, indent: BELOW_INDENT });
  return [head, ...lines.flatMap((line, index) => [line, below(rows[index] ?? [])])]
    .map((line) => `${line}\n`)
    .join("");
}
