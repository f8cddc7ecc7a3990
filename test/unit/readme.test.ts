import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { buildWholeProgram, findUnknown, splitLine } from "../support/command-lines.ts";

const README = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");

test("the troubleshooting table has a row for each code with its title, and no other row", () => {
  const rows = [...README.matchAll(/^\| `(SLIPWAY_[A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)];
  const wanted = Object.entries(ERROR_CODES).map(([code, { title }]) => [code, title]);
  expect(rows.map(([, code, title]) => [code, title])).toEqual(wanted);
});

const PROGRAM = buildWholeProgram();

/** Command lines as the README writes them: in code spans and in blocks of code, `a\|b` for one of several. */
const SHOWN = [...README.matchAll(/(?:^|`|\n\s*|[#$:] +|bin\/)slipway ([^`\n]+)/g)].map(
  ([, line]) => line ?? "",
);

test("every command and flag that is shown exists", () => {
  expect(SHOWN.length).toBeGreaterThan(60);
  expect(
    SHOWN.flatMap((line) => findUnknown(PROGRAM, splitLine(line)).map((word) => `${word} in: ${line}`)),
  ).toEqual([]);
});

test("every command stands in the table of commands", () => {
  const table = README.slice(README.indexOf("## Commands"), README.indexOf("## What it writes where"));
  const missing = PROGRAM.commands
    .map((command) => command.name())
    .filter((name) => !table.includes(`\`slipway ${name}`));
  expect(missing).toEqual([]);
});

test("every row of a table has as many cells as its head", () => {
  const tables = README.match(/(?:^\|.*\n)+/gm) ?? [];
  const broken = tables.flatMap((table) => {
    const [head = "", ...rows] = table.trimEnd().split("\n");
    return rows.filter((row) => countCells(row) !== countCells(head));
  });
  expect(broken).toEqual([]);
});

function countCells(row: string): number {
  return row.replaceAll("\\|", "").split("|").length;
}
