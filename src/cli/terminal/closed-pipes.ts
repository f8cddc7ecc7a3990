import { systemErrorCode } from "../../core/errors.ts";

/**
 * Lets the readers of our output go away early. Who reads stdout, such as `head`, has then what it wanted, and the
 * program ends; what is told on stderr is not needed for the work to go on, be its pipe closed or the disk under the
 * runner's log full.
 */
export function allowClosedPipes(): void {
  process.stdout.on("error", (error) => {
    if (systemErrorCode(error) !== "EPIPE") throw error;
    process.exit();
  });
  process.stderr.on("error", () => undefined);
}
