import type { System } from "../system/system.ts";
import { type CachedBinary, findCached, listCached } from "./cache.ts";
import { selectNeededVersion } from "./component-version.ts";
import { findProgram } from "./sources/dir.ts";
import { COMPONENT_NAMES, type Component, type ComponentName } from "./types.ts";

/** What a Kubernetes version needs, and what of it is on this machine. */
export interface ComponentStatus {
  readonly name: ComponentName;
  /** With a leading `v`; for etcd the oldest that will do. */
  readonly neededVersion: string;
  /** Undefined: it would have to be downloaded or built. */
  readonly component: Component | undefined;
}

/** The data of `components list`. */
export interface ComponentOverview {
  readonly components: readonly ComponentStatus[];
  /** Everything cached, of any version. */
  readonly cached: readonly CachedBinary[];
}

/** What is there for a Kubernetes version, and all that is cached. Changes nothing. Raises SLIPWAY_VERSION_UNSUPPORTED. */
export async function describeComponents(
  system: System,
  options: { readonly kubernetesVersion: string; readonly dir: string | undefined },
): Promise<ComponentOverview> {
  const components = await Promise.all(
    COMPONENT_NAMES.map(async (name) => {
      const neededVersion = selectNeededVersion(name, options.kubernetesVersion);
      const cached = await findCached(system, { name, version: neededVersion });
      if (cached !== undefined) {
        const { version, path } = cached;
        return { name, neededVersion, component: { name, version, path, origin: "cache" } };
      }
      const finding = await findProgram(system, { name, needed: neededVersion, dir: options.dir });
      return { name, neededVersion, component: finding.kind === "found" ? finding.component : undefined };
    }),
  );
  return { components, cached: await listCached(system) };
}
