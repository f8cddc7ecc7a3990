import type { System } from "../system/system.ts";

/** How the events of a long-lived command are logged, one a line. */
export type LogFormat = "text" | "json";

/** What every command's action is given. */
export interface CommandContext {
  /** The machine; made at the first call, so that help does not load what it does not need. */
  openSystem(options?: { readonly logFormat?: LogFormat }): Promise<System>;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Failures are told as JSON, those of the command line too. */
  readonly json: boolean;
  setExitCode(code: number): void;
}
