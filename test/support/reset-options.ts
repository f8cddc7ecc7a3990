import type { ResetOptions } from "../../src/commands/reset.ts";
import { RESET_PHASES } from "../../src/core/reset-phases.ts";
import { createFakeUi } from "./fake-ui.ts";

/** `reset --force` of a root. */
export function sampleResetOptions(root: string, change: Partial<ResetOptions> = {}): ResetOptions {
  return {
    root,
    force: true,
    dryRun: false,
    phases: RESET_PHASES.map(({ name }) => name),
    ignorePreflightErrors: [],
    certificatesDir: undefined,
    cleanupTmpDir: false,
    etcdTimeoutMs: undefined,
    ui: createFakeUi(),
    ...change,
  };
}
