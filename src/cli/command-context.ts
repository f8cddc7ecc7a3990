import type { System } from "../system/system.ts";

/** What every command's action is given. */
export interface CommandContext {
  /** The machine; made at the first call, so that help does not load what it does not need. */
  openSystem(): Promise<System>;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Failures are told as JSON, those of the command line too. */
  readonly json: boolean;
  setExitCode(code: number): void;
}
