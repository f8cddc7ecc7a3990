import type { KubeObject } from "../api/types.ts";
import { isObject } from "../core/json.ts";
import { applyPatches } from "../manifests/patches/apply-patches.ts";
import type { Patch, PatchTarget } from "../manifests/patches/parse-patch-file.ts";

/** The objects with the one of a kind changed by the user's patches; its name stays. Raises SLIPWAY_PATCH_INVALID. */
export function patchObjects(
  objects: readonly KubeObject[],
  options: { readonly kind: string; readonly target: PatchTarget; readonly patches: readonly Patch[] },
): readonly KubeObject[] {
  return objects.map((object) => {
    const { apiVersion, kind, metadata } = object;
    if (kind !== options.kind) return object;
    const patched = applyPatches({ ...object }, options);
    const changed = isObject(patched["metadata"]) ? patched["metadata"] : {};
    const { name, namespace = "" } = metadata;
    return { ...patched, apiVersion, kind, metadata: { ...changed, name, namespace } };
  });
}
