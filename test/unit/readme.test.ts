import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command, Option } from "commander";
import { expect, test } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";
import { ERROR_CODES } from "../../src/core/error-codes.ts";
import { INIT_PHASES } from "../../src/plan/build-plan.ts";

const README = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");

test("the troubleshooting table has a row for each code with its title, and no other row", () => {
  const rows = [...README.matchAll(/^\| `(SLIPWAY_[A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)];
  const wanted = Object.entries(ERROR_CODES).map(([code, { title }]) => [code, title]);
  expect(rows.map(([, code, title]) => [code, title])).toEqual(wanted);
});

const PROGRAM = buildProgram(
  {
    openSystem: () => Promise.reject(new Error("no command is run here")),
    signal: new AbortController().signal,
    json: false,
    setExitCode: () => undefined,
  },
  INIT_PHASES,
);

/** Command lines as the README writes them: in code spans and in blocks of code, `a\|b` for one of several. */
const SHOWN = [...README.matchAll(/(?:^|`|\n\s*|[#$:] +|bin\/)slipway ([^`\n]+)/g)].map(
  ([, line]) => line ?? "",
);

test("every command and flag that is shown exists", () => {
  expect(SHOWN.length).toBeGreaterThan(60);
  expect(
    SHOWN.flatMap((line) => findUnknown(PROGRAM, words(line)).map((word) => `${word} in: ${line}`)),
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

/** The words up to a comment, a pipe or a redirection. */
function words(line: string): readonly string[] {
  return (line.replaceAll("\\|", "|").split(/ {2,}| [>#;&] |\\$/)[0] ?? "").trim().split(" ");
}

/** Words that name no command below `command`, and flags that it does not have. */
function findUnknown(command: Command, [word, ...rest]: readonly string[]): readonly string[] {
  if (word === undefined) return [];
  if (word.startsWith("-")) {
    const [flag = word, value] = word.split("=");
    const option = flag === "--help" ? "help" : findOption(command, flag);
    const takesNext = typeof option === "object" && option.required && value === undefined;
    return [
      ...(option === undefined ? [word] : []),
      ...findUnknown(command, takesNext ? rest.slice(1) : rest),
    ];
  }
  if (command.commands.length === 0 || !/^[a-z][a-z|-]*$/.test(word)) return findUnknown(command, rest);
  return word.split("|").flatMap((name) => {
    const child = command.commands.find((known) => known.name() === name || known.aliases().includes(name));
    return child === undefined ? [name] : findUnknown(child, rest);
  });
}

function findOption(command: Command, flag: string): Option | undefined {
  const own = command.options.find(({ short, long }) => flag === short || flag === long);
  return own ?? (command.parent === null ? undefined : findOption(command.parent, flag));
}
