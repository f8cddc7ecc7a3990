import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";

/** How a command answers. */
export type OutputFormat = "text" | "json" | "yaml";

/** `-o, --output`, the same for every command that answers. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format")
    .choices(["text", "json", "yaml"])
    .default("text");
}

/** `--root`, the same for every command that looks at a cluster. */
export function rootOption(): Option {
  return new Option("--root <dir>", "everything of this cluster lies under this directory")
    .default("/")
    .argParser((dir) => resolve(dir));
}

/** A comma-separated list that may be given several times. */
export function collectList(text: string, before: readonly string[] | undefined): readonly string[] {
  return [
    ...(before ?? []),
    ...text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  ];
}

/** A whole number in an option. */
export function parseWhole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It is no whole number.");
  return Number(text);
}

/** How wide the terminal is that stdout goes to; nothing for a pipe or a file. */
export function terminalWidth(): { readonly columns?: number } {
  return process.stdout.isTTY && process.stdout.columns > 0 ? { columns: process.stdout.columns } : {};
}
