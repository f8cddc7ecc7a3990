import type { Argument, Command, Help, Option } from "commander";
import { wrapText } from "../core/wrap-text.ts";

/** Help is no wider on a wide terminal: long lines are hard to read. */
const MAX_COLUMNS = 100;
const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 40;
/** What an example is for stands below its command line, this far in, where beside it would be less room than this. */
const BELOW_INDENT = 6;
const MIN_TEXT_COLUMNS = 24;

/** What the help of a command says before its usage and flags. */
export interface HelpText {
  /** One line. */
  readonly purpose: string;
  /** Command lines, and what each is for. The first is the command itself. */
  readonly examples: readonly (readonly [line: string, what?: string])[];
  /** Where files go, exit codes, the next command: a paragraph each. */
  readonly notes?: readonly string[];
}

/** Gives a command its help: purpose, examples, notes; commander adds usage and flags. */
export function describeCommand(command: Command, { purpose, examples, notes = [] }: HelpText): Command {
  return command.description(purpose).addHelpText("before", () => {
    const columns = helpWidth();
    const paragraphs = [purpose, ...notes].map((text) => wrapText(text, { columns, indent: 0 }));
    return `${[paragraphs[0], formatExamples(examples, columns), ...paragraphs.slice(1)].join("\n\n")}\n`;
  });
}

function formatExamples(examples: HelpText["examples"], columns: number): string {
  const explained = examples.filter(([, what]) => what !== undefined).map(([line]) => line.length);
  const width = Math.max(0, ...explained) + 4;
  const isWide = width + MIN_TEXT_COLUMNS > columns;
  const indent = isWide ? BELOW_INDENT : width;
  const lines = examples.map(([line, what]) => {
    if (what === undefined) return `  ${line}`;
    return wrapText(isWide ? `  ${line}\n${" ".repeat(indent)}${what}` : `  ${line}`.padEnd(indent) + what, {
      columns,
      indent,
    });
  });
  return ["Examples:", ...lines].join("\n");
}

/** How commander's part of the help looks. */
export function helpStyle(): Partial<Help> {
  return {
    helpWidth: helpWidth(),
    // Below this commander would not break lines at all.
    minWidthToWrap: 20,
    showGlobalOptions: true,
    // The purpose stands on top already.
    commandDescription: () => "",
    subcommandTerm: (command) =>
      [command.name(), ...command.registeredArguments.map((argument) => formatArgument(argument))].join(" "),
    optionDescription: formatOption,
    argumentDescription: ({ description, argChoices }) => description + formatChoices(argChoices),
  };
}

/** The width of the help's lines, on a terminal and in a pipe. */
function helpWidth(): number {
  const columns = process.stdout.columns || DEFAULT_COLUMNS;
  return Math.max(Math.min(columns, MAX_COLUMNS), MIN_COLUMNS);
}

function formatArgument(argument: Argument): string {
  const text = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${text}>` : `[${text}]`;
}

function formatOption({ description, argChoices, defaultValue, ...option }: Option): string {
  const byDefault = option.defaultValueDescription ?? defaultValue;
  const told = typeof byDefault === "string" ? ` (default: ${byDefault})` : "";
  return `${description}${formatChoices(argChoices)}${told}`;
}

function formatChoices(choices: readonly string[] = []): string {
  return choices.length === 0 ? "" : `: ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}
