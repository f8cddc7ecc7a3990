import { isObject } from "../../core/json.ts";

/** The document with what the patch says in its place; null removes. Source: RFC 7386. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const base = isObject(document) ? document : {};
  const merged = Object.entries(patch).flatMap(([name, value]): [string, unknown][] =>
    value === null ? [] : [[name, applyMergePatch(base[name], value)]],
  );
  const kept = Object.entries(base).filter(([name]) => !(name in patch));
  return Object.fromEntries([...kept, ...merged]);
}
