import * as v from "valibot";
import { isObject } from "../core/json.ts";
import { selectNearest } from "../core/nearest.ts";
import type { DocumentKind, FieldFinding, FieldPath } from "./findings.ts";
import { describeChangedField, describeMovedField } from "./old-form.ts";

/** A bound of our own on how often a document is looked through for one more unknown field: nobody reads more. */
const MAX_PASSES = 100;

/**
 * A document's value as its schema has it, with a finding for each unknown field and wrong type. Faulty fields are
 * left out of the value, so that the others can be judged all the same.
 */
export function decodeDocument<Schema extends v.GenericSchema>(
  schema: Schema,
  document: { readonly kind: DocumentKind; readonly value: unknown },
): { readonly value: v.InferOutput<Schema> | undefined; readonly findings: readonly FieldFinding[] } {
  const findings: FieldFinding[] = [];
  let value = document.value;
  for (const path of findListsForGroups(schema, value)) {
    findings.push({ kind: document.kind, path, message: "must be a group of fields, not a list" });
    value = withoutField(value, path);
  }
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const result = v.safeParse(schema, value);
    if (result.success) return { value: result.output, findings };
    for (const issue of result.issues) {
      const path = pathOf(issue);
      findings.push({ kind: document.kind, path, message: describeIssue(issue, { schema, path }) });
      value = withoutField(value, path);
    }
  }
  return { value: undefined, findings };
}

function pathOf(issue: v.BaseIssue<unknown>): FieldPath {
  return (issue.path ?? []).map((item) => (typeof item.key === "number" ? item.key : String(item.key)));
}

function describeIssue(
  issue: v.BaseIssue<unknown>,
  place: { readonly schema: unknown; readonly path: FieldPath },
): string {
  if (issue.expected === "never") return describeMovedField(place.path) ?? describeUnknownField(place);
  const changed =
    issue.type === "array" && isObject(issue.input) ? describeChangedField(place.path) : undefined;
  if (changed !== undefined) return changed;
  const expected = EXPECTED[issue.type] ?? `a ${issue.expected}`;
  const found = describeType(issue.input);
  const quotable =
    issue.type === "string" && (typeof issue.input === "number" || typeof issue.input === "boolean");
  return `must be ${expected}, not ${found}${quotable ? "; put it in quotes" : ""}`;
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "a text",
  boolean: "true or false",
  number: "a whole number",
  integer: "a whole number",
  array: "a list",
  strict_object: "a group of fields",
  loose_object: "a group of fields",
  record: "a group of fields",
};

function describeType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "object") return "a group of fields";
  if (typeof value === "string") return "a text";
  return typeof value === "boolean" ? "true or false" : "this number";
}

function describeUnknownField(place: { readonly schema: unknown; readonly path: FieldPath }): string {
  const names = fieldNames(place.schema, place.path.slice(0, -1));
  const nearest = selectNearest(String(place.path.at(-1)), names);
  if (nearest !== undefined) return `there is no such field; did you mean ${nearest}?`;
  return `there is no such field; known here: ${names.join(", ")}`;
}

/** The names that a schema knows at a path: through optional values (`wrapped`) and lists (`item`) to `entries`. */
function fieldNames(schema: unknown, path: FieldPath): readonly string[] {
  if (!isObject(schema)) return [];
  if (isObject(schema["wrapped"])) return fieldNames(schema["wrapped"], path);
  if (isObject(schema["item"])) return fieldNames(schema["item"], path.slice(1));
  const entries = schema["entries"];
  if (!isObject(entries)) return [];
  const [head, ...rest] = path;
  return head === undefined ? Object.keys(entries).sort() : fieldNames(entries[head], rest);
}

/** Where a list stands in the place of a group of fields, which the schema would take for an empty one. */
function findListsForGroups(schema: unknown, value: unknown, path: FieldPath = []): readonly FieldPath[] {
  if (!isObject(schema)) return [];
  if (isObject(schema["wrapped"])) return findListsForGroups(schema["wrapped"], value, path);
  const { entries, item } = schema;
  if (isObject(item) && Array.isArray(value)) {
    return value.flatMap((inner: unknown, index) => findListsForGroups(item, inner, [...path, index]));
  }
  if (!isObject(entries)) return [];
  if (Array.isArray(value)) return [path];
  if (!isObject(value)) return [];
  return Object.entries(entries).flatMap(([name, inner]) =>
    findListsForGroups(inner, value[name], [...path, name]),
  );
}

/** A copy without the field at a path; for a list's item, without the whole list, so that no index moves. */
function withoutField(value: unknown, path: FieldPath): unknown {
  const cut = typeof path.at(-1) === "number" ? path.slice(0, -1) : path;
  const [head, ...rest] = cut;
  if (head === undefined) return {};
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === head ? withoutField(item, rest) : item));
  }
  if (!isObject(value)) return value;
  const others = Object.entries(value).filter(([key]) => key !== String(head));
  if (rest.length === 0) return Object.fromEntries(others);
  return Object.fromEntries([...others, [head, withoutField(value[head], rest)]]);
}
