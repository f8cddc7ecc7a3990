import { ensureComponents } from "../components/ensure-components.ts";
import { COMPONENT_NAMES, type Component } from "../components/types.ts";
import type { InitConfig } from "../config/types.ts";
import type { System } from "../system/system.ts";
import type { InitOptions } from "./init-options.ts";
import type { Ui } from "./ui.ts";

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
  const showing: { progress?: ReturnType<Ui["showProgress"]> } = {};
  try {
    const components = await ensureComponents(system, {
      request: {
        kubernetesVersion: config.cluster.kubernetesVersion,
        source: options.components,
        dir: options.componentDir,
        mirror: options.componentMirror,
        names: COMPONENT_NAMES,
      },
      onProgress: ({ component, activity, fraction }) => {
        showing.progress ??= ui.showProgress([
          { name: "components", short: "Get the component binaries", steps: 1 },
        ]);
        const percent = fraction === undefined ? "" : ` ${Math.floor(fraction * 100)}%`;
        showing.progress.waiting("components", `${component}:${percent} ${activity}`);
      },
      onNote: (line) => ui.note(line),
      signal,
    });
    showing.progress?.done("components", undefined);
    await showing.progress?.end(true);
    return components;
  } catch (error) {
    await showing.progress?.end(false);
    throw error;
  }
}
