import { isObject } from "../core/json.ts";

/** The value at a path of field names; undefined when any part of the way is missing or not an object. */
export function readField(value: unknown, ...fields: readonly string[]): unknown {
  return fields.reduce((inner, field) => (isObject(inner) ? inner[field] : undefined), value);
}
