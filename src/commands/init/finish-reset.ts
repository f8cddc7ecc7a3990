import type { Ledger } from "../../apply/ledger.ts";
import { withLock } from "../../apply/lock.ts";
import { type ReadReset, readResetPlan } from "../../apply/reset/read-reset-plan.ts";
import { isResetCutOff } from "../../apply/reset/reset-mark.ts";
import { parseInitConfig } from "../../config/parse-init-config.ts";
import { buildPaths } from "../../core/paths.ts";
import { RESET_PHASES } from "../../core/reset-phases.ts";
import type { System } from "../../system/system.ts";
import { readConfig } from "../read-config.ts";
import type { Ui } from "../ui.ts";
import { undoInit } from "../undo-init.ts";
import type { InitOptions } from "./init-options.ts";
import { recallEarlier } from "./read-earlier.ts";

/** All of it, with no wish beside. */
const WHOLE = {
  phases: RESET_PHASES.map(({ name }) => name),
  certificatesDir: undefined,
  cleanupTmpDir: false,
  etcdTimeoutMs: undefined,
};

/**
 * Brings a reset to its end that was cut off: what it has left of keys and data is no control plane to go on with, and
 * what init would make of it is not known before. Not where the file asks for a dry run. Gives what the init of before
 * had left, for the new one to go by; undefined where nothing was to be finished. Raises what reset raises,
 * SLIPWAY_CONFIG_UNREADABLE and SLIPWAY_CONFIG_INVALID.
 */
export async function finishReset(
  system: System,
  { options, ui }: { readonly options: InitOptions; readonly ui: Ui },
): Promise<Ledger | undefined> {
  const { root } = options;
  const paths = buildPaths({ root, uid: system.host.uid });
  if (!(await isResetCutOff(system, paths))) return undefined;
  const earlier = await recallEarlier(system, { options, paths, ui });
  const configPath = options.configPath ?? earlier?.input?.configPath;
  if (await asksForDryRun(system, { ...options, configPath })) return undefined;
  const read = (): Promise<ReadReset> => readResetPlan(system, { paths, request: WHOLE });
  const work = async (): Promise<void> => {
    ui.note(`a reset of ${root} was cut off: it is finished first`);
    await undoInit(system, { ...WHOLE, root, ui, paths, read, reset: await read() });
  };
  await withLock(system, { root, command: "init", work });
  return earlier;
}

async function asksForDryRun(
  system: System,
  { configPath: path, flags }: Pick<InitOptions, "configPath" | "flags">,
): Promise<boolean> {
  // A pipe can be read only once, and init itself will read it.
  if (path === undefined || (await system.fs.stat(path))?.kind !== "file") return false;
  return parseInitConfig({ text: await readConfig(system, path), path, flags }).dryRun;
}
