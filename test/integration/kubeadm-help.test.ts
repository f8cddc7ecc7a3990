import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command, Option } from "commander";
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";
import { INIT_PHASES } from "../../src/plan/build-plan.ts";
import { BUILD_TIMEOUT_MS, findKubeadm } from "../support/kubeadm/find-kubeadm.ts";

/** A command of kubeadm's by its words, and its flags; a flag of a parent's stands with each of its children, too. */
type Help = ReadonlyMap<string, readonly string[]>;

/** A code span of the table's first column. */
interface Entry {
  readonly span: string;
  /** Words of a command; empty: of any. */
  readonly command: string;
  /** It also stands for every command below. */
  readonly below: boolean;
  readonly flags: readonly string[];
  readonly verdict: "same" | "refused" | "not there";
}

let help: Help;

beforeAll(async () => {
  help = await readHelp(await findKubeadm());
}, BUILD_TIMEOUT_MS);

/** Walks through the help of every command, several at a time. */
async function readHelp(kubeadm: string, words: readonly string[] = []): Promise<Help> {
  const { stdout } = await execa(kubeadm, [...words, "--help"]);
  const flags = [...stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag ?? "");
  const [, list = ""] = /Available Commands:\n([\s\S]*?)\n\n/.exec(stdout) ?? [];
  const children = [...list.matchAll(/^ {2}([\w.-]+)/gm)].map(([, name]) => name ?? "");
  const below = await Promise.all(children.map((name) => readHelp(kubeadm, [...words, name])));
  return new Map([[words.join(" "), flags], ...below.flatMap((map) => [...map])]);
}

function readTable(): readonly Entry[] {
  const readme = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");
  const section = readme.slice(readme.indexOf("## Coming from kubeadm"), readme.indexOf("## Compatibility"));
  const rows = [...section.matchAll(/^\| (`.*?`) \| (.*?) ?\| ?(.*?) ?\|$/gm)];
  return rows.flatMap(([, spans = "", ours = "", remark = ""]) =>
    [...spans.matchAll(/`([^`]+)`/g)].flatMap(([, span = ""]) =>
      expandSpan(span.replaceAll("\\|", "|")).map((entry) => ({
        ...entry,
        verdict: remark.startsWith("not there") ? "not there" : ours === "refused" ? "refused" : "same",
      })),
    ),
  );
}

/** `a b|c --d --e` as an entry for `a b` and one for `a c`. */
function expandSpan(span: string): readonly Omit<Entry, "verdict">[] {
  const words = span.split(" ");
  const flags = words.filter((word) => word.startsWith("--"));
  const commands = words
    .filter((word) => !word.startsWith("--") && word !== "…")
    .reduce<readonly string[]>(
      (before, word) => before.flatMap((head) => word.split("|").map((name) => `${head} ${name}`.trim())),
      [""],
    );
  return commands.map((command) => ({ span, command, below: words.includes("…"), flags }));
}

const isAtOrBelow = (command: string, above: string): boolean =>
  above === "" || command === above || command.startsWith(`${above} `);

/** The entry that says most exactly what becomes of a flag of a command. */
function findFlag(table: readonly Entry[], command: string, flag: string): Entry | undefined {
  return table
    .filter((entry) => entry.flags.includes(flag) && isAtOrBelow(command, entry.command))
    .toSorted((left, right) => right.command.length - left.command.length)[0];
}

function findCommand(table: readonly Entry[], command: string): Entry | undefined {
  return table.find(
    (entry) =>
      entry.flags.length === 0 &&
      (entry.command === command || (entry.below && isAtOrBelow(command, entry.command))),
  );
}

/** Commands that only group others need no row of their own. */
const isGroup = (command: string): boolean =>
  [...help.keys()].some((other) => other.startsWith(`${command} `));

test("the table has every command and flag of kubeadm's, and no other", () => {
  const table = readTable();
  expect(help.size).toBeGreaterThan(120);
  const missing = [...help].flatMap(([command, flags]) => [
    ...(isGroup(command) || command === "" || findCommand(table, command) !== undefined ? [] : [command]),
    ...flags
      .filter((flag) => findFlag(table, command, flag) === undefined)
      .map((flag) => `${command} ${flag}`),
  ]);
  expect(missing).toEqual([]);
  const strange = table.flatMap(({ span, command, flags }) => {
    const known = [...help].filter(([name]) => isAtOrBelow(name, command)).flatMap(([, list]) => list);
    if (!help.has(command)) return [span];
    return flags.filter((flag) => !known.includes(flag)).map((flag) => `${flag} in ${span}`);
  });
  expect(strange).toEqual([]);
});

test("what the table calls the same is there, what it calls refused is refused, and nothing else is not there", () => {
  const table = readTable();
  const wrong = [...help].flatMap(([command, flags]) => {
    const ours = findOurs(command);
    const verdict = findCommand(table, command)?.verdict;
    if (verdict === "not there") return ours === undefined ? [] : [`${command} is there`];
    if (ours === undefined) return isGroup(command) ? [] : [`${command} is not there`];
    return flags.flatMap((flag) => {
      const said = findFlag(table, command, flag)?.verdict;
      const found = describeOption(findOption(ours, flag));
      return flag === "--help" || said === found
        ? []
        : [`${command} ${flag}: the table says ${said}, it is ${found}`];
    });
  });
  expect(wrong).toEqual([]);
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

/** The command of ours with these words; `certs renew NAME` takes its name as an argument. */
function findOurs(words: string): Command | undefined {
  let command = PROGRAM;
  for (const word of words.split(" ").filter((name) => name !== "")) {
    const child = command.commands.find((known) => known.name() === word);
    if (child === undefined)
      return command.registeredArguments.length > 0 || word === "help" ? command : undefined;
    command = child;
  }
  return command;
}

function findOption(command: Command, flag: string): Option | undefined {
  const own = command.options.find(({ long }) => long === flag);
  return own ?? (command.parent === null ? undefined : findOption(command.parent, flag));
}

function describeOption(option: Option | undefined): Entry["verdict"] {
  if (option === undefined) return "not there";
  return option.hidden ? "refused" : "same";
}
