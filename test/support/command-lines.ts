import type { Command, Option } from "commander";
import { buildProgram } from "../../src/cli/program.ts";
import { INIT_PHASES } from "../../src/plan/build-plan.ts";

/** The command tree with every phase of init; its commands cannot be run. */
export function buildWholeProgram(): Command {
  return buildProgram(
    {
      openSystem: () => Promise.reject(new Error("no command is run here")),
      signal: new AbortController().signal,
      json: false,
      setExitCode: () => undefined,
    },
    INIT_PHASES,
  );
}

/** The words of a command line as documentation shows it, up to a comment, a pipe or a redirection. */
export function splitLine(line: string): readonly string[] {
  return (line.replaceAll("\\|", "|").split(/ {2,}| [>#;&] |\\$/)[0] ?? "").trim().split(" ");
}

/** Words that name no command below `command`, and flags that it does not have. */
export function findUnknown(command: Command, [word, ...rest]: readonly string[]): readonly string[] {
  // What stands behind -- is a command line of another program.
  if (word === undefined || word === "--") return [];
  if (word.startsWith("-") && word !== "-") {
    const [flag = word, value] = word.split("=");
    const option = flag === "--help" ? "help" : findOption(command, flag);
    const takesNext = typeof option === "object" && option.required && value === undefined;
    return [
      ...(option === undefined ? [word] : []),
      ...findUnknown(command, takesNext ? rest.slice(1) : rest),
    ];
  }
  if (command.commands.length === 0 || !/^[a-z][a-z|-]*$/.test(word)) return findUnknown(command, rest);
  return word.split("|").flatMap((name) => {
    const child = command.commands.find((known) => known.name() === name || known.aliases().includes(name));
    return child === undefined ? [name] : findUnknown(child, rest);
  });
}

function findOption(command: Command, flag: string): Option | undefined {
  const own = command.options.find(({ short, long }) => flag === short || flag === long);
  return own ?? (command.parent === null ? undefined : findOption(command.parent, flag));
}
