import { CommanderError } from "commander";
import { describeStrayError, messageOf, SlipwayError } from "../../core/errors.ts";
import type { Place } from "../completion/locate.ts";
import { describeUsageError, HELP_CODE } from "../usage-error.ts";
import { colourOf } from "./colour.ts";
import { fitTerminal } from "./fit-terminal.ts";
import { forPeople } from "./for-people.ts";
import { tell, writeJsonLine } from "./tell.ts";

/** The exit code of a bug. Source: sysexits.h EX_SOFTWARE. */
const INTERNAL_ERROR_EXIT = 70;

/** Of a command that a signal has ended. */
export const INTERRUPTED = {
  kind: "Interrupted",
  message: "what was done stays, and the same command goes on from here",
} as const;

/** Says on stderr what went wrong, and gives the exit code. */
export function printFailure(
  thrown: unknown,
  options: { readonly json: boolean; readonly place: Place; readonly interrupted: number | undefined },
): number {
  const error = describeStrayError(thrown);
  if (error instanceof CommanderError) return printUsage(error, options);
  if (options.interrupted !== undefined && !(error instanceof SlipwayError)) {
    tell(INTERRUPTED, options);
    return options.interrupted;
  }
  if (error instanceof SlipwayError) return printError(error, options);
  if (options.json) {
    const stack = error instanceof Error ? error.stack : undefined;
    writeJsonLine({ kind: "InternalError", what: messageOf(error), stack });
    return INTERNAL_ERROR_EXIT;
  }
  write(`internal error: ${messageOf(error)}\n${error instanceof Error ? (error.stack ?? "") : ""}`);
  write(
    "This is a bug in Slipway. Please report it with the command, the lines above and the output of slipway version.",
  );
  return INTERNAL_ERROR_EXIT;
}

/** Says a failure of a user's on stderr, and gives its exit code. */
export function printError(error: SlipwayError, { json }: { readonly json: boolean }): number {
  if (json) writeJsonLine(describeError(error));
  else writeLines(formatText(error));
  return error.exitCode;
}

/** Help that was asked for is no failure; where a command is missing its group's help has been printed already. */
function printUsage(
  error: CommanderError,
  { json, place }: { readonly json: boolean; readonly place: Place },
): number {
  if (error.exitCode === 0) return 0;
  const usage = describeUsageError(error, place);
  if (json) writeJsonLine(describeError(usage));
  else if (error.code !== HELP_CODE) writeLines(formatText(usage));
  return usage.exitCode;
}

function formatText(error: SlipwayError): string {
  const { red, dim } = colourOf(process.stderr);
  return [
    `${red("error:")} ${error.what}`,
    `  ${dim("why:")} ${error.why}`,
    ...error.details.map((detail) => `       ${detail.replaceAll("\n", "\n       ")}`),
    `  ${dim("fix:")} ${error.fix}`,
    `  ${dim("code:")} ${error.code}`,
  ].join("\n");
}

function describeError({ code, what, why, fix, details }: SlipwayError) {
  return { kind: "Error", code, what, why, fix, details };
}

function write(text: string): void {
  process.stderr.write(`${forPeople(text, process.stderr)}\n`);
}

/** For people. */
function writeLines(text: string): void {
  process.stderr.write(`${fitTerminal(forPeople(text, process.stderr), process.stderr)}\n`);
}
