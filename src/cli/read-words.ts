import { type Command, CommanderError } from "commander";
import { ERROR_CODES } from "../core/error-codes.ts";
import { listOptions, locate, nameOf } from "./completion/locate.ts";
import { suggestCommand } from "./usage-error.ts";

/**
 * The words of a command line as commander is to read them: `--version` is the command `version`, and `help` in the
 * place of a command asks for `--help`. Raises a CommanderError for what commander would take in silence: a flag that
 * has taken another flag for its value, and the help of a command that is not there.
 */
export function readWords(program: Command, argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  words.forEach((word, index) => {
    refuseTakenFlag(program, { word, before: words.slice(0, index) });
  });
  const [first = "", ...rest] = argv;
  if (["-V", "--version"].includes(first)) return ["version", ...rest];
  const helpAt = words.findIndex((word, index) =>
    asksForHelp(program, { word, before: words.slice(0, index) }),
  );
  const asked = helpAt === -1 ? argv : [...argv.toSpliced(helpAt, 1), "--help"];
  if (asked.includes("--help") || asked.includes("-h")) refuseUnknownCommand(program, asked);
  return asked;
}

interface Word {
  readonly word: string;
  readonly before: readonly string[];
}

/** `--config --root DIR`: what follows makes no sense, and the reason would not be seen. */
function refuseTakenFlag(program: Command, { word, before }: Word): void {
  if (!word.startsWith("-")) return;
  const { command, expects } = locate(program, [...before, word]);
  if (expects.kind !== "value" || expects.prefix !== "") return;
  const known = ["-h", "--help", ...listOptions(command).flatMap(({ short, long }) => [short, long])];
  if (!known.includes(word.split("=")[0])) return;
  const { flags } = expects.option;
  const name = nameOf(expects.option);
  throw usageError(
    `${flags} has taken the word ${word} for its value\n(Write a value behind ${name}, or leave ${name} out.)`,
  );
}

function asksForHelp(program: Command, { word, before }: Word): boolean {
  if (word !== "help") return false;
  const { command, args, expects } = locate(program, [...before, word]);
  return command.commands.length > 0 && args.length === 0 && expects.kind === "argument";
}

function refuseUnknownCommand(program: Command, words: readonly string[]): void {
  const { command, args } = locate(program, [...words, ""]);
  const [word] = args;
  if (word === undefined || command.commands.length === 0) return;
  throw usageError(`unknown command '${word}'${suggestCommand(command, word)}`);
}

function usageError(message: string): CommanderError {
  return new CommanderError(ERROR_CODES.SLIPWAY_USAGE.exitCode, "slipway.usage", message);
}
