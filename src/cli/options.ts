import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { ComponentSource } from "../components/types.ts";

/** How a command answers. */
export type OutputFormat = "text" | "json" | "yaml";

/** The words of a type, which stand here once: one that is missing or too many does not compile. */
export function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly Word[] {
  // A literal's keys are those of its type.
  return Object.keys(words) as Word[];
}

/** A comma-separated list, which may be given several times, of these words; the command judges them. */
export function listOption(
  flags: string,
  { description, words }: { readonly description: string; readonly words: readonly string[] },
): Option {
  const option = new Option(flags, description).argParser(collectList);
  // For help and completion; commander's own choices are of one word.
  option.argChoices = [...words];
  return option;
}

/** `-o, --output`, the same for every command that answers. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format")
    .choices(wordsOf<OutputFormat>({ text: true, json: true, yaml: true }))
    .default("text");
}

/** `--root`, the same for every command that looks at a cluster. */
export function rootOption(): Option {
  return new Option("--root <dir>", "the directory under which all of this cluster lies")
    .default("/")
    .argParser((dir) => {
      // An unset variable in a script must not name the directory that it happens to be in.
      if (dir === "") throw new InvalidArgumentError("It names no directory.");
      return resolve(dir);
    });
}

/** What `--kubernetes-version` takes. */
export const VERSION_FLAG = "such as v1.37.2, 1.36 or stable";

/** `--components SOURCE`. */
export function componentSourceOption(): Option {
  return new Option("--components <source>", "where from")
    .choices(wordsOf<ComponentSource>({ auto: true, dir: true, download: true, go: true }))
    .default("auto");
}

/** `--runtime NAME`. */
export function runtimeOption(): Option {
  return new Option("--runtime <name>", "who runs the pods, the runner or a kubelet").choices(
    wordsOf<"host" | "external">({ host: true, external: true }),
  );
}

/** `--component-mirror URL`. */
export function componentMirrorOption(): Option {
  return new Option("--component-mirror <url>", "download from here, not the official release");
}

/** `--component-dir`: absolute, for the runner looks there, too, and has another working directory. */
export function componentDirOption(): Option {
  return new Option("--component-dir <dir>", "a directory with the binaries").argParser((dir) =>
    resolve(dir),
  );
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

/** As Go's strconv.ParseBool. */
const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false] as const),
]);

/** `A=true,B=false`. Source: kubeadm app/features NewFeatureGate. */
export function collectGates(
  text: string,
  before: Readonly<Record<string, boolean>> | undefined,
): Readonly<Record<string, boolean>> {
  const gates = collectList(text, undefined).map((pair): [string, boolean] => {
    const [name = "", value = ""] = pair.split("=").map((part) => part.trim());
    const on = TRUTHS.get(value);
    if (name === "" || on === undefined)
      throw new InvalidArgumentError(`Write ${name}=true or ${name}=false.`);
    return [name, on];
  });
  return { ...before, ...Object.fromEntries(gates) };
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
