import { isDiskFull, messageOf, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import { printError } from "./print-failure.ts";

/**
 * Lets the readers of our output go away early. Who reads stdout, such as `head`, has then what it wanted, and the
 * program ends; what is told on stderr is not needed for the work to go on, be its pipe closed or the disk under the
 * runner's log full. An answer that cannot be written, for the disk is full, is a failure (SLIPWAY_NO_SPACE,
 * SLIPWAY_FILE_ACCESS).
 */
export function allowClosedPipes({ json }: { readonly json: boolean }): void {
  process.stdout.on("error", (error) => {
    process.exit(
      systemErrorCode(error) === "EPIPE" ? undefined : printError(describeUnwritten(error), { json }),
    );
  });
  process.stderr.on("error", () => undefined);
}

function describeUnwritten(error: Error): SlipwayError {
  const full = isDiskFull(error);
  return new SlipwayError({
    code: full ? "SLIPWAY_NO_SPACE" : "SLIPWAY_FILE_ACCESS",
    what: "the answer cannot be written to standard output",
    why: full ? "the disk that it is sent to is full" : messageOf(error),
    fix: "run the command again and send its output elsewhere, or free some space (df -h); what it has done stays",
    cause: error,
  });
}
