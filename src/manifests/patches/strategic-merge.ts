import { isObject } from "../../core/json.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The lists whose items are merged by a field of theirs; every other list is replaced. */
export type MergeKeys = Readonly<Record<string, string>>;

/**
 * The lists of a Pod, and of a workload's Pod template. Source: k8s.io/api/core/v1 types.go and apimachinery meta/v1
 * types.go v0.37.2, the fields with patchStrategy merge.
 */
export const POD_MERGE_KEYS: MergeKeys = {
  conditions: "type",
  containers: "name",
  env: "name",
  ephemeralContainers: "name",
  hostAliases: "ip",
  imagePullSecrets: "name",
  initContainers: "name",
  ownerReferences: "uid",
  ports: "containerPort",
  resourceClaims: "name",
  schedulingGates: "name",
  topologySpreadConstraints: "topologyKey",
  volumeDevices: "devicePath",
  volumeMounts: "mountPath",
  volumes: "name",
};

const DIRECTIVE = "$patch";
const RETAIN_KEYS = "$retainKeys";

/**
 * The document after a strategic merge patch: like a merge patch, but that lists with a merge key are merged item by
 * item, and `$patch: delete` or `replace` and `$retainKeys` do as they say. A plain Error says what cannot be done.
 * Source: apimachinery util/strategicpatch/patch.go mergeMap, mergeSlice.
 */
export function applyStrategicMerge(document: Fields, patch: Fields, keys: MergeKeys): Fields {
  const { [DIRECTIVE]: directive, [RETAIN_KEYS]: retained, ...wanted } = patch;
  if (directive === "replace") return wanted;
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge")
    throw new Error(`there is no ${DIRECTIVE}: ${String(directive)}`);
  const odd = Object.keys(wanted).find((name) => name.startsWith("$"));
  if (odd !== undefined) throw new Error(`the directive ${odd} is not known`);
  const base = retainKeys(document, retained);
  const merged = Object.entries(wanted).flatMap(([name, value]): [string, unknown][] =>
    value === null ? [] : [[name, mergeValue({ name, base: base[name], value, keys })]],
  );
  const kept = Object.entries(base).filter(([name]) => !(name in wanted));
  return Object.fromEntries([...kept, ...merged]);
}

function retainKeys(document: Fields, retained: unknown): Fields {
  if (retained === undefined) return document;
  if (!Array.isArray(retained)) throw new Error(`${RETAIN_KEYS} needs a list of names`);
  return Object.fromEntries(Object.entries(document).filter(([name]) => retained.includes(name)));
}

function mergeValue(field: {
  readonly name: string;
  readonly base: unknown;
  readonly value: unknown;
  readonly keys: MergeKeys;
}): unknown {
  const { name, base, value, keys } = field;
  if (isObject(value))
    return isObject(base) ? applyStrategicMerge(base, value, keys) : withoutDirectives(value);
  if (!Array.isArray(value)) return value;
  const items: readonly unknown[] = value;
  const key = keys[name];
  if (name === "finalizers" && Array.isArray(base)) return [...new Set([...base, ...items])];
  if (key === undefined || !Array.isArray(base))
    return items.map(withoutDirectives).filter((item) => item !== undefined);
  return mergeLists({ name, key, keys, base: base.filter(isObject), patch: items.map(requireFields(name)) });
}

function requireFields(name: string): (item: unknown) => Fields {
  return (item) => {
    if (isObject(item)) return item;
    throw new Error(`an item of ${name} is no group of fields`);
  };
}

function mergeLists(lists: {
  readonly name: string;
  readonly key: string;
  readonly keys: MergeKeys;
  readonly base: readonly Fields[];
  readonly patch: readonly Fields[];
}): readonly Fields[] {
  const { name, key, keys, base, patch } = lists;
  const plain = patch.filter((item) => item[DIRECTIVE] === undefined);
  if (patch.some((item) => item[DIRECTIVE] === "replace")) return plain;
  const nameless = patch.find((item) => item[key] === undefined);
  if (nameless !== undefined) throw new Error(`an item of ${name} has no ${key}, by which it is found`);
  const deleted = patch.filter((item) => item[DIRECTIVE] === "delete").map((item) => item[key]);
  const left = base.filter((item) => !deleted.includes(item[key]));
  const others = left.filter((item) => !plain.some((wanted) => wanted[key] === item[key]));
  const merged = plain.map((wanted) => {
    const found = left.find((item) => item[key] === wanted[key]);
    return found === undefined ? without(wanted) : applyStrategicMerge(found, wanted, keys);
  });
  return interleave({ others, merged, place: (item) => left.findIndex((known) => known[key] === item[key]) });
}

/** What the patch does not name keeps its place before what it stood before; all else follows the patch's order. */
function interleave(lists: {
  readonly others: readonly Fields[];
  readonly merged: readonly Fields[];
  readonly place: (item: Fields) => number;
}): readonly Fields[] {
  const { place } = lists;
  const [other, ...others] = lists.others;
  const [next, ...merged] = lists.merged;
  if (other === undefined || next === undefined) return [...lists.others, ...lists.merged];
  const isFirst = place(next) >= 0 && place(other) < place(next);
  return isFirst
    ? [other, ...interleave({ others, merged: lists.merged, place })]
    : [next, ...interleave({ others: lists.others, merged, place })];
}

/** A new value: directives in it have nothing to act on, and null is nothing. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  return value[DIRECTIVE] === "delete" ? undefined : without(value);
}

function without(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => !name.startsWith("$") && value !== null)
      .map(([name, value]) => [name, withoutDirectives(value)]),
  );
}
