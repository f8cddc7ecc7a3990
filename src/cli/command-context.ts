import type { System } from "../system/system.ts";

/** What every command's action is given. */
export interface CommandContext {
  readonly system: System;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  setExitCode(code: number): void;
}
