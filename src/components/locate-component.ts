import type { System } from "../system/system.ts";
import { findCached } from "./cache.ts";
import { parseComponentImage } from "./component-version.ts";
import { findProgram } from "./sources/dir.ts";
import { COMPONENT_NAMES } from "./types.ts";

/**
 * The program on this machine that stands for an image, such as `registry.k8s.io/kube-apiserver:v1.37.2` or
 * `any.registry/etcd:3.7.0-0`; undefined when the image is none of ours or there is no program. Looked for as
 * `init` does: in the component directory if one is named, in the cache, on PATH. Some stats when the program is
 * cached or its version remembered.
 */
export async function locateComponentForImage(
  system: System,
  options: { readonly image: string; readonly componentDir?: string | undefined },
): Promise<string | undefined> {
  const wanted = parseComponentImage(options.image);
  const name = COMPONENT_NAMES.find((known) => known === wanted?.name);
  if (wanted === undefined || name === undefined) return undefined;
  const { componentDir } = options;
  const inDirs = async (dir: string | undefined): Promise<string | undefined> => {
    const finding = await findProgram(system, { name, needed: wanted.version, dir });
    return finding.kind === "found" ? finding.component.path : undefined;
  };
  const inCache = async (): Promise<string | undefined> =>
    (await findCached(system, { name, version: wanted.version }))?.path;
  if (componentDir !== undefined) return (await inDirs(componentDir)) ?? (await inCache());
  return (await inCache()) ?? (await inDirs(undefined));
}
