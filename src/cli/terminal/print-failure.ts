import { CommanderError } from "commander";
import { ERROR_CODES } from "../../core/error-codes.ts";
import { describeStrayError, messageOf, SlipwayError } from "../../core/errors.ts";
import { redactSecrets } from "../../core/redact.ts";
import { colourOf } from "./colour.ts";
import { completeOwnHints } from "./complete-hints.ts";
import { fitTerminal } from "./fit-terminal.ts";

/** The exit code of a bug. Source: sysexits.h EX_SOFTWARE. */
const INTERNAL_ERROR_EXIT = 70;

/** Says on stderr what went wrong, and gives the exit code. */
export function printFailure(
  thrown: unknown,
  options: { readonly json: boolean; readonly command: string; readonly interrupted: number | undefined },
): number {
  const error = describeStrayError(thrown);
  if (error instanceof CommanderError) return printUsage(error, options);
  if (options.interrupted !== undefined && !(error instanceof SlipwayError)) {
    const rest = options.command.startsWith("slipway init")
      ? "; pods that were started keep running, slipway reset undoes it"
      : "";
    writeLines(`interrupted: what was done stays, and the same command goes on from here${rest}`);
    return options.interrupted;
  }
  if (error instanceof SlipwayError) {
    if (options.json) write(formatJson(error));
    else writeLines(formatText(error));
    return error.exitCode;
  }
  write(`internal error: ${messageOf(error)}\n${error instanceof Error ? (error.stack ?? "") : ""}`);
  write(
    "This is a bug in Slipway. Please report it with the command, the lines above and the output of slipway version.",
  );
  return INTERNAL_ERROR_EXIT;
}

/** Commander has printed help or the usage error already, unless it is to be JSON. */
function printUsage(
  error: CommanderError,
  { json, command }: { readonly json: boolean; readonly command: string },
): number {
  if (error.exitCode === 0) return 0;
  const { exitCode } = ERROR_CODES.SLIPWAY_USAGE;
  const { message } = error;
  const why = error.code === "commander.help" ? "no command is named" : message.replace(/^error: /, "");
  if (json) write(formatJson(usageError(why, command)));
  return exitCode;
}

function usageError(why: string, command: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: ERROR_CODES.SLIPWAY_USAGE.title,
    why,
    fix: `${command} --help lists what it takes`,
  });
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

function formatJson({ code, what, why, fix, details }: SlipwayError): string {
  return JSON.stringify({ apiVersion: "slipway.dev/v1", kind: "Error", code, what, why, fix, details });
}

function write(text: string): void {
  process.stderr.write(`${completeOwnHints(redactSecrets(text))}\n`);
}

/** For people. */
function writeLines(text: string): void {
  process.stderr.write(`${fitTerminal(completeOwnHints(redactSecrets(text)))}\n`);
}
