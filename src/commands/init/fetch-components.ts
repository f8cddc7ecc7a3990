import { ensureComponents } from "../../components/ensure-components.ts";
import { COMPONENT_NAMES, type Component } from "../../components/types.ts";
import type { InitConfig } from "../../config/types.ts";
import type { System } from "../../system/system.ts";
import { showComponentProgress } from "../component-progress.ts";
import type { Ui } from "../ui.ts";
import type { InitOptions } from "./init-options.ts";

/** Gets the binaries that the host runtime needs, with progress. With an external runtime there is nothing to get. */
export async function fetchComponents(
  system: System,
  input: {
    readonly options: InitOptions;
    readonly config: InitConfig;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<readonly Component[]> {
  const { options, config, ui, signal } = input;
  if (options.runtime === "external") return [];
  return showComponentProgress(ui, (onProgress) =>
    ensureComponents(system, {
      request: {
        kubernetesVersion: config.cluster.kubernetesVersion,
        source: options.components,
        dir: options.componentDir,
        mirror: options.componentMirror,
        names: COMPONENT_NAMES.filter((name) => name !== "etcd" || config.cluster.externalEtcd === undefined),
      },
      onProgress,
      onNote: ui.note,
      signal,
    }),
  );
}
