import { constants } from "node:fs";
import { type Ledger, readLedger } from "../../apply/ledger.ts";
import { isResetCutOff } from "../../apply/reset/reset-mark.ts";
import { SlipwayError } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import type { System } from "../../system/system.ts";
import type { Ui } from "../ui.ts";
import type { InitOptions } from "./init-options.ts";

/** What an earlier init has left; undefined where there was none, or where this user may not read it. */
export async function readEarlier(system: System, paths: ClusterPaths): Promise<Ledger | undefined> {
  try {
    return await readLedger(system, paths);
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "SLIPWAY_FILE_ACCESS") return undefined;
    throw error;
  }
}

/**
 * The same for an init that is to go on: with the copy of its configuration file in place of one that is gone or was a
 * pipe. The cluster's own ConfigMap would not do: it has nothing of this node, its ports and its taints. Raises
 * SLIPWAY_CONFIG_UNREADABLE where there is no copy either, and where it goes with a reset that was cut off.
 */
export async function recallEarlier(
  system: System,
  input: {
    readonly options: InitOptions;
    readonly paths: ClusterPaths;
    readonly ui: Ui;
  },
): Promise<Ledger | undefined> {
  const { options, paths, ui } = input;
  const earlier = await readEarlier(system, paths);
  const before = earlier?.input;
  const path = before?.configPath;
  if (earlier === undefined || before === undefined || path === undefined) return earlier;
  if (options.configPath !== undefined || (await isReadable(system, path))) return earlier;
  const { configCopyPath, ledgerPath } = paths;
  const [isCopied, goes] = [await isReadable(system, configCopyPath), await isResetCutOff(system, paths)];
  if (!isCopied || goes)
    throw new SlipwayError({
      code: "SLIPWAY_CONFIG_UNREADABLE",
      what: `the configuration file ${path} of the first init cannot be read any more`,
      why: `it is gone, or this user may not read it; ${ledgerPath} remembers its path, for no --config was given now`,
      fix: isCopied
        ? `the copy of it goes with the reset that was cut off; to keep it: cp ${configCopyPath} FILE; then name it: slipway init --config FILE`
        : "name where it is now: slipway init --config FILE; or put it back",
    });
  ui.note(
    `${path}, which the first init was given, cannot be read any more: the copy that init has kept holds (slipway init --config FILE names another)`,
  );
  return { ...earlier, input: { ...before, configPath: configCopyPath } };
}

async function isReadable(system: System, path: string): Promise<boolean> {
  return (await system.fs.access(path, constants.R_OK)) && (await system.fs.stat(path))?.kind === "file";
}
