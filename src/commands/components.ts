import type { CachedBinary } from "../components/cache.ts";
import { verifyCached } from "../components/cache.ts";
import { type ComponentOverview, describeComponents } from "../components/describe-components.ts";
import { ensureComponents } from "../components/ensure-components.ts";
import { listPrunable, type PrunableEntry, pruneCache } from "../components/prune-cache.ts";
import {
  COMPONENT_NAMES,
  type Component,
  type ComponentName,
  type ComponentSource,
} from "../components/types.ts";
import { resolveKubernetesVersion } from "../config/resolve-kubernetes-version.ts";
import { DEFAULT_KUBERNETES_VERSION } from "../core/constants.ts";
import { SlipwayError } from "../core/errors.ts";
import { selectNearest } from "../core/nearest.ts";
import { listProcesses } from "../facts/list-processes.ts";
import type { System } from "../system/system.ts";
import { showComponentProgress } from "./component-progress.ts";
import type { Ui } from "./ui.ts";

interface Answer {
  readonly apiVersion: "slipway.dev/v1";
}

/** What `components list` prints. */
export type ComponentListAnswer = Answer &
  ComponentOverview & { readonly kind: "ComponentList"; readonly kubernetesVersion: string };

/** What a Kubernetes version needs and what is on this machine. Raises SLIPWAY_VERSION_UNSUPPORTED. */
export async function runComponentsList(
  system: System,
  options: { readonly kubernetesVersion?: string; readonly componentDir?: string },
): Promise<ComponentListAnswer> {
  const kubernetesVersion = readVersion(options.kubernetesVersion);
  const overview = await describeComponents(system, { kubernetesVersion, dir: options.componentDir });
  return { apiVersion: "slipway.dev/v1", kind: "ComponentList", kubernetesVersion, ...overview };
}

/** Gets binaries into the cache, all five when none is named. Raises what their sources raise, and SLIPWAY_USAGE. */
export async function runComponentsFetch(
  system: System,
  options: {
    readonly names: readonly string[];
    readonly kubernetesVersion?: string;
    readonly components: ComponentSource;
    readonly componentDir?: string;
    readonly componentMirror?: string;
    readonly ui: Ui;
    readonly signal: AbortSignal;
  },
): Promise<Answer & { readonly kind: "ComponentList"; readonly items: readonly Component[] }> {
  const items = await showComponentProgress(options.ui, (onProgress) =>
    ensureComponents(system, {
      request: {
        kubernetesVersion: readVersion(options.kubernetesVersion),
        source:
          options.componentDir !== undefined && options.components === "auto" ? "dir" : options.components,
        dir: options.componentDir,
        mirror: options.componentMirror,
        names: options.names.length === 0 ? COMPONENT_NAMES : options.names.map(checkName),
      },
      onProgress,
      onNote: options.ui.note,
      signal: options.signal,
    }),
  );
  return { apiVersion: "slipway.dev/v1", kind: "ComponentList", items };
}

/** What `components verify` prints. */
export type VerificationAnswer = Answer & {
  readonly kind: "ComponentVerification";
  readonly items: readonly { readonly binary: CachedBinary; readonly intact: boolean }[];
};

/** Reads every cached binary and compares its checksum. */
export async function runComponentsVerify(system: System): Promise<VerificationAnswer> {
  return { apiVersion: "slipway.dev/v1", kind: "ComponentVerification", items: await verifyCached(system) };
}

/** What `components prune` prints. */
export type PruningAnswer = Answer & {
  readonly kind: "ComponentPruning";
  readonly removed: readonly PrunableEntry[];
  /** What running processes were started from: their pods could not start again without it. */
  readonly kept: readonly { readonly path: string; readonly pids: readonly number[] }[];
};

/** Removes what is cached and not in use. Raises SLIPWAY_FILE_ACCESS. */
export async function runComponentsPrune(system: System): Promise<PruningAnswer> {
  const processes = await listProcesses(system);
  const found = (await listPrunable(system)).map((entry) => ({
    entry,
    pids: processes
      .filter(({ argv }) => argv.some((word) => word.startsWith(`${entry.path}/`)))
      .map(({ pid }) => pid),
  }));
  const removed = found.filter(({ pids }) => pids.length === 0).map(({ entry }) => entry);
  const kept = found
    .filter(({ pids }) => pids.length > 0)
    .map(({ entry, pids }) => ({ path: entry.path, pids }));
  await pruneCache(system, removed);
  return { apiVersion: "slipway.dev/v1", kind: "ComponentPruning", removed, kept };
}

function readVersion(text: string | undefined): string {
  const resolved = resolveKubernetesVersion(text ?? DEFAULT_KUBERNETES_VERSION);
  if ("version" in resolved) return resolved.version;
  throw new SlipwayError({
    code: "SLIPWAY_VERSION_UNSUPPORTED",
    what: "cannot use this --kubernetes-version",
    why: resolved.problem,
    fix: `name a supported one, such as ${DEFAULT_KUBERNETES_VERSION}`,
  });
}

function checkName(name: string): ComponentName {
  const known = COMPONENT_NAMES.find((candidate) => candidate === name);
  if (known !== undefined) return known;
  const nearest = selectNearest(name, COMPONENT_NAMES);
  throw new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `there is no component "${name}"`,
    why: `the components are ${COMPONENT_NAMES.join(", ")}`,
    fix: nearest === undefined ? "name some of them, or none for all" : `did you mean "${nearest}"?`,
  });
}
