import { isObject } from "../core/json.ts";

/** A decoded object of the API: each field has the right type or is absent. */
export type Loose = Readonly<Record<string, unknown>>;

/** A field's object; empty when it is absent. */
export function objectOf(value: unknown): Loose {
  return isObject(value) ? value : {};
}

/** A field's list of objects; empty when it is absent. */
export function objectsOf(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** A field's list of texts; empty when it is absent. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A field's text; empty when it is absent, as in Go. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A field's number. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
