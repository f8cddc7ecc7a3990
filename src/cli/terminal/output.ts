import { redactSecrets } from "../../core/redact.ts";
import { formatYaml } from "../../core/yaml.ts";
import type { OutputFormat } from "../options.ts";
import { completeOwnHints } from "./complete-hints.ts";

/** Prints a command's answer on stdout: as it is for machines, or as text for people. */
export function printAnswer(
  value: unknown,
  options: {
    readonly format: OutputFormat;
    readonly text: () => string;
    /** The answer is a token or a key, asked for as such. */
    readonly secret?: true;
  },
): void {
  if (options.format === "json") printText(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (options.format === "yaml") printText(formatYaml(value));
  else {
    const text = completeOwnHints(options.text());
    printText(options.secret === true ? text : redactSecrets(text));
  }
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
