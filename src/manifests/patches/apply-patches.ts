import { isObject } from "../../core/json.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { describePatchFault, type Patch, type PatchTarget } from "./parse-patch-file.ts";
import { applyStrategicMerge, POD_MERGE_KEYS } from "./strategic-merge.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A target after all its patches, in the order of their files. Raises SLIPWAY_PATCH_INVALID, naming the file.
 * Source: kubeadm util/patches/patches.go ApplyPatchesToTarget.
 */
export function applyPatches(
  document: Fields,
  options: { readonly target: PatchTarget; readonly patches: readonly Patch[] },
): Fields {
  return options.patches
    .filter(({ target }) => target === options.target)
    .reduce((value, patch) => applyPatch(value, patch), document);
}

function applyPatch(document: Fields, patch: Patch): Fields {
  try {
    const patched = patchValue(document, patch);
    if (isObject(patched)) return patched;
    throw new Error(`it leaves no object of ${patch.target}`);
  } catch (error) {
    throw describePatchFault(patch, {
      why: error instanceof Error ? error.message : String(error),
      fix: `compare it with the manifest of ${patch.target}, which it changes: slipway init --dry-run`,
    });
  }
}

function patchValue(document: Fields, { type, value, target }: Patch): unknown {
  if (type === "json") return applyJsonPatch(document, value);
  if (type === "merge") return applyMergePatch(document, value);
  if (!isObject(value)) throw new Error("a strategic merge patch is a group of fields");
  return applyStrategicMerge(document, value, target === "kubeletconfiguration" ? {} : POD_MERGE_KEYS);
}

/** Fields of a Pod that Go leaves out when they are false or zero. Source: k8s.io/api/core/v1 types.go, no pointers. */
const PLAIN_FIELDS = [
  "failureThreshold",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostPort",
  "initialDelaySeconds",
  "periodSeconds",
  "readOnly",
  "stdin",
  "stdinOnce",
  "successThreshold",
  "timeoutSeconds",
  "tty",
];

/** A patched Pod as Go writes it, which reads it into a Pod first: without what is empty, but for `resources`. */
export function tidyPod(pod: Fields): Fields {
  const tidy = tidyFields(pod);
  const { spec } = tidy;
  if (!isObject(spec)) return tidy;
  const lists = ["initContainers", "containers"].flatMap((name): [string, unknown][] => {
    const list = spec[name];
    return Array.isArray(list) ? [[name, list.map(withResources)]] : [];
  });
  return { ...tidy, spec: { ...spec, ...Object.fromEntries(lists) } };
}

function withResources(container: unknown): unknown {
  return isObject(container) ? { ...container, resources: container["resources"] ?? {} } : container;
}

function tidyFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
      if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return [];
      if ((value === false || value === 0) && PLAIN_FIELDS.includes(name)) return [];
      return [[name, tidyValue(value)]];
    }),
  );
}

function tidyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidyValue);
  return isObject(value) ? tidyFields(value) : value;
}
