import { parseInitConfig } from "../../config/parse-init-config.ts";
import { resolveInitConfig } from "../../config/resolve-init-config.ts";
import type { InitConfig } from "../../config/types.ts";
import { underRoot } from "../../core/paths.ts";
import type { FactReader } from "../../facts/fact-reader.ts";
import { findExternalAuthorities } from "../../facts/find-external-authorities.ts";
import type { MachineFacts } from "../../facts/types.ts";
import type { Patch } from "../../manifests/patches/parse-patch-file.ts";
import type { System } from "../../system/system.ts";
import { checkKubeletDocument } from "../check-kubelet-document.ts";
import { readConfig } from "../read-config.ts";
import type { Ui } from "../ui.ts";
import type { InitOptions } from "./init-options.ts";
import { readPatches } from "./read-patches.ts";

/** A configuration, and what belongs to it. */
interface LoadedInitConfig {
  readonly config: InitConfig;
  /** What the file says; undefined: there is none. */
  readonly text: string | undefined;
  readonly dryRun: boolean;
  readonly patches: readonly Patch[];
}

/**
 * What file, flags and machine come to; what the reader should know is told. `reader` keeps what could not be read.
 * Raises SLIPWAY_CONFIG_UNREADABLE, SLIPWAY_CONFIG_INVALID, SLIPWAY_ADDRESS_AMBIGUOUS, SLIPWAY_PATCH_INVALID.
 */
export async function loadInitConfig(
  system: System,
  input: {
    readonly options: InitOptions;
    readonly machine: MachineFacts;
    readonly reader: FactReader;
    readonly ui: Ui;
  },
): Promise<LoadedInitConfig> {
  const { options, machine, reader, ui } = input;
  const { configPath: path, flags, root } = options;
  const text = path === undefined ? undefined : await readConfig(system, path);
  const { config: requested, notes, dryRun } = parseInitConfig({ text, path, flags });
  const hasKubelet = requested.kubelet.document !== undefined && options.runtime !== "external";
  if (hasKubelet && text !== undefined && path !== undefined) await checkKubeletDocument({ text, path });
  const externalAuthorities = await findExternalAuthorities(system, {
    certificatesDir: underRoot(root, requested.cluster.certificatesDir),
    reader,
  });
  const { config, warnings } = resolveInitConfig({ requested, root, externalAuthorities, ...machine });
  const { patches, notes: patchNotes } = await readPatches(system, config.patchesDir);
  for (const note of [...notes, ...patchNotes]) ui.note(note);
  for (const warning of warnings) ui.warn(warning);
  return { config, text, dryRun, patches };
}
