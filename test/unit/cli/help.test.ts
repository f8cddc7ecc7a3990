import type { Command } from "commander";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildWholeProgram, findUnknown, splitLine } from "../../support/command-lines.ts";

/** A page as it is printed, texts before the usage included. */
function printHelp(command: Command): string {
  let page = "";
  command.configureOutput({
    writeOut: (text) => {
      page += text;
    },
  });
  command.outputHelp();
  return page;
}

function listCommands(command: Command, path: string): readonly (readonly [string, Command])[] {
  const children = command.commands.filter((child) => !isHidden(child));
  return [[path, command], ...children.flatMap((child) => listCommands(child, `${path} ${child.name()}`))];
}

/** Commander tells it through its help only. */
function isHidden(command: Command): boolean {
  const { parent } = command;
  return parent !== null && !parent.createHelp().visibleCommands(parent).includes(command);
}

const PROGRAM = buildWholeProgram();
const COMMANDS = listCommands(PROGRAM, "slipway");

/** The lines of the first paragraph of a page that begins so. */
function paragraph(page: string, heading: string): readonly string[] {
  const found = page.split("\n\n").find((text) => text.startsWith(`${heading}\n`));
  return found === undefined ? [] : found.split("\n").slice(1);
}

function exampleLines(page: string): readonly string[] {
  return paragraph(page, "Examples:").filter((line) => /^ {2}\S/.test(line));
}

/** Whether a word belongs to the command that the words before it name. */
function goesOn(words: readonly string[], next: string): boolean {
  const command = words.reduce<Command | undefined>(
    (above, word) => above?.commands.find((child) => child.name() === word),
    PROGRAM,
  );
  if (command === undefined) return false;
  if (command.commands.some((child) => child.name() === next)) return true;
  return /^(?:--[a-z-]+|[A-Z]{3,})$/.test(next) && findUnknown(command, [next]).length === 0;
}

test("every command of the program is looked at", () => {
  expect(COMMANDS.length).toBeGreaterThan(75);
  expect(COMMANDS.map(([path]) => path)).toContain("slipway init phase certs apiserver");
});

describe.each(COMMANDS)("%s --help", (path, command) => {
  const page = printHelp(command);

  test("fits 80 columns, in ASCII", () => {
    expect(page.split("\n").filter((line) => line.length > 80)).toEqual([]);
    expect(page).toMatch(/^[\n\x20-\x7e]*$/);
  });

  test("says in one line what it is for, then shows examples, then the usage", () => {
    expect(command.description().length).toBeLessThanOrEqual(path === "slipway" ? 100 : 66);
    expect(page.replaceAll("\n", " ").startsWith(command.description())).toBe(true);
    expect(page.indexOf("Examples:")).toBeGreaterThan(0);
    expect(page.indexOf("Usage:")).toBeGreaterThan(page.indexOf("Examples:"));
  });

  test("has examples that exist, of the command itself first, and none twice", () => {
    const lines = exampleLines(page).map((line) => line.trim());
    const ours = lines.filter((line) => line.startsWith("slipway "));
    expect(ours.length).toBe(lines.length);
    expect(`${lines[0]} `.startsWith(`${path} `)).toBe(true);
    expect(ours.flatMap((line) => findUnknown(PROGRAM, splitLine(line).slice(1)))).toEqual([]);
    const commandLines = lines.map((line) => splitLine(line).join(" "));
    expect(new Set(commandLines).size).toBe(commandLines.length);
  });

  test("breaks no command over two lines", () => {
    const breaks = [...page.matchAll(/\bslipway((?: [a-z][a-z-]*)*)\n *([^\s,;.:]+)/g)];
    const broken = breaks.filter(([, words = "", next = ""]) => goesOn(words.split(" ").slice(1), next));
    expect(broken.map(([text]) => text)).toEqual([]);
  });

  test("tells every flag and command with its own words", () => {
    const flags = command.options.filter(({ hidden }) => !hidden);
    const words = [...flags, ...command.commands.filter((child) => !isHidden(child))].map((part) =>
      typeof part.description === "function" ? part.description() : part.description,
    );
    expect(words.filter((text) => text === "")).toEqual([]);
    expect(new Set(words).size).toBe(words.length);
  });
});

test("on a narrow terminal no text is wider than it, but command lines", () => {
  const { columns } = process.stdout;
  process.stdout.columns = 60;
  onTestFinished(() => {
    process.stdout.columns = columns;
  });
  const pages = listCommands(buildWholeProgram(), "slipway").map(([, command]) => printHelp(command));
  const wide = pages.flatMap((page) =>
    page
      .split("\n")
      .filter(
        (line) => line.length > 60 && !/^\s*\S+$/.test(line) && !/^(?: {2}|Usage: )slipway /.test(line),
      ),
  );
  expect(wide).toEqual([]);
});
