import type { Argument, Command, Option } from "commander";

/** Where on a command line the cursor stands. */
export interface Place {
  readonly command: Command;
  /** Arguments of the command before the cursor. */
  readonly args: readonly string[];
  /** Flags with a value before the cursor, by their long name. */
  readonly values: ReadonlyMap<string, string>;
  /** Flags before the cursor. */
  readonly given: ReadonlySet<string>;
  /** The word at the cursor, as far as it is typed. */
  readonly typed: string;
  /** What the word stands for. */
  readonly expects:
    | { readonly kind: "flag" }
    | { readonly kind: "value"; readonly option: Option; readonly prefix: string }
    | { readonly kind: "argument"; readonly argument: Argument | undefined };
}

/** Reads the words up to the cursor, the last of which is the one to be completed, against the command tree. */
export function locate(program: Command, words: readonly string[]): Place {
  const typed = words.at(-1) ?? "";
  let command = program;
  let pending: Option | undefined;
  let onlyArguments = false;
  const args: string[] = [];
  const values = new Map<string, string>();
  const given = new Set<string>();
  for (const word of words.slice(0, -1)) {
    if (pending !== undefined) {
      values.set(nameOf(pending), word);
      pending = undefined;
    } else if (word === "--" && !onlyArguments) {
      onlyArguments = true;
    } else if (word.startsWith("-") && word !== "-" && !onlyArguments) {
      const [flag = word, value] = splitFlag(word);
      const option = findOption(command, flag);
      if (option === undefined) continue;
      given.add(nameOf(option));
      if (value !== undefined) values.set(nameOf(option), value);
      else if (option.required) pending = option;
    } else {
      const child = args.length === 0 ? findCommand(command, word) : undefined;
      const asksForHelp = word === "help" && command.commands.length > 0 && args.length === 0;
      if (child === undefined && !asksForHelp) args.push(word);
      command = child ?? command;
    }
  }
  const base = { command, args, values, given, typed };
  if (pending !== undefined) return { ...base, expects: { kind: "value", option: pending, prefix: "" } };
  const [flag = typed, value] = splitFlag(typed);
  if (!onlyArguments && typed.startsWith("-")) {
    const option = value === undefined ? undefined : findOption(command, flag);
    if (option === undefined) return { ...base, expects: { kind: "flag" } };
    return { ...base, expects: { kind: "value", option, prefix: `${flag}=` } };
  }
  return { ...base, expects: { kind: "argument", argument: argumentAt(command, args.length) } };
}

/** The flags that a command takes: its own and those of the commands above it. */
export function listOptions(command: Command): readonly Option[] {
  const above = command.parent === null ? [] : listOptions(command.parent);
  return [...command.options, ...above];
}

/** `--root`, or `-f` of a flag without a long name. */
export function nameOf({ long, short }: Option): string {
  return long ?? short ?? "";
}

function findOption(command: Command, flag: string): Option | undefined {
  return listOptions(command).find(({ short, long }) => flag === short || flag === long);
}

function findCommand(command: Command, word: string): Command | undefined {
  return command.commands.find((child) => child.name() === word || child.aliases().includes(word));
}

function splitFlag(word: string): readonly [flag: string, value?: string] {
  const at = word.startsWith("--") ? word.indexOf("=") : -1;
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** The last argument may take any number of words. */
function argumentAt(command: Command, index: number): Argument | undefined {
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic === true ? last : undefined);
}
