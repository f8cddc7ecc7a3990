import type { Command } from "commander";
import type { System } from "../../system/system.ts";
import { listOptions, locate, nameOf, type Place } from "./locate.ts";
import { findSource, type Source } from "./value-sources.ts";

/** What can stand at the cursor; the shell itself knows the files. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files?: "files" | "dirs";
}

/** A word, and what it is for. */
export interface Candidate {
  readonly word: string;
  readonly what: string;
}

/**
 * What can follow on a command line: sub-commands, flags, and their values. The last of `words` is the word at the
 * cursor. Values that are looked up on the machine are none where that fails: a completion says no errors.
 */
export async function complete(
  program: Command,
  options: { readonly words: readonly string[]; readonly openSystem: () => Promise<System> },
): Promise<Completion> {
  const place = locate(program, options.words);
  const { command, expects } = place;
  if (expects.kind === "flag") return { candidates: listFlags(place) };
  if (expects.kind === "value") {
    const { option, prefix } = expects;
    const { argChoices } = option;
    if (argChoices !== undefined)
      return { candidates: toCandidates(argChoices, prefix + listBefore(place, prefix)) };
    const commands = listPath(command).map((name) => `${name} ${nameOf(option)}`);
    const source = findSource({
      names: [...commands, nameOf(option)],
      placeholder: placeholderOf(option.flags),
    });
    return fromSource(source, { place, prefix, ...options });
  }
  const commands = place.args.length > 0 ? [] : command.createHelp().visibleCommands(command);
  if (commands.length > 0) {
    const names = commands.map((child) => ({ word: child.name(), what: child.description() }));
    // A shell takes the only candidate at once; what has one command does something by itself, too.
    return { candidates: names.length === 1 ? [...names, ...listFlags(place)] : names };
  }
  const { argument } = expects;
  if (argument === undefined) return { candidates: listFlags(place) };
  if (argument.argChoices !== undefined) return { candidates: toCandidates(argument.argChoices, "") };
  const source = findSource({
    names: [`${command.name()} ${argument.name()}`],
    placeholder: argument.name(),
  });
  return fromSource(source, { place, prefix: "", ...options });
}

function listFlags({ command, given }: Place): readonly Candidate[] {
  return listOptions(command)
    .filter((option) => !option.hidden)
    .filter((option) => option.parseArg !== undefined || !given.has(nameOf(option)))
    .map((option) => ({ word: nameOf(option), what: option.description }));
}

async function fromSource(
  source: Source | undefined,
  input: { readonly place: Place; readonly prefix: string; readonly openSystem: () => Promise<System> },
): Promise<Completion> {
  const { place, prefix } = input;
  if (source === undefined) return { candidates: [] };
  if (source.list === undefined) return { candidates: [], files: source.kind };
  const found = await source.list(place, input.openSystem).catch(() => []);
  const before = source.kind === "list" ? listBefore(place, prefix) : "";
  return { candidates: toCandidates(found, prefix + before) };
}

/** Of a list that is separated by commas the last part is completed; one word alone has no comma. */
function listBefore({ typed }: Place, prefix: string): string {
  return /^.*,/.exec(typed.slice(prefix.length))?.[0] ?? "";
}

/** The names of a command and of those above it. */
function listPath(command: Command): readonly string[] {
  return command.parent === null ? [] : [command.name(), ...listPath(command.parent)];
}

function toCandidates(words: readonly string[], prefix: string): readonly Candidate[] {
  return words.map((word) => ({ word: `${prefix}${word}`, what: "" }));
}

/** `file` of `--config <file>`. */
function placeholderOf(flags: string): string {
  return /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? "";
}
