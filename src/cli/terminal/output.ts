import { formatYaml } from "../../core/yaml.ts";
import type { OutputFormat } from "../options.ts";
import { completeOwnHints } from "./complete-hints.ts";
import { fitTerminal } from "./fit-terminal.ts";
import { forPeople } from "./for-people.ts";

/** How an answer is told. */
export interface AnswerFormat {
  readonly format: OutputFormat;
  readonly text: () => string;
  /** The answer is a token or a key, asked for as such. */
  readonly secret?: true;
}

/** Prints a command's answer on stdout. */
export function printAnswer(value: unknown, options: AnswerFormat): void {
  printText(formatAnswer(value, options));
}

/** An answer as it is for machines, or as text for people. */
export function formatAnswer(value: unknown, options: AnswerFormat): string {
  if (options.format === "json") return `${JSON.stringify(value, undefined, 2)}\n`;
  if (options.format === "yaml") return formatYaml(value);
  // What is to be copied, as a join command, stays as it is.
  if (options.secret === true) return completeOwnHints(options.text());
  return fitTerminal(forPeople(options.text(), process.stdout), process.stdout);
}

/** Prints text on stdout, as it is. */
export function printText(text: string | Uint8Array): void {
  process.stdout.write(text);
}

/** Writes on stdout and resolves when it is written, so that a slow reader does not fill the memory. */
export function writeOut(bytes: Uint8Array): Promise<void> {
  // A reader that has gone away ends the process.
  return new Promise((resolve) => process.stdout.write(bytes, () => resolve()));
}
