import * as v from "valibot";
import { isObject } from "../core/json.ts";
import { type FieldTree, KUBE_PROXY_FIELDS, KUBELET_FIELDS } from "./component-fields.ts";

/** A component's configuration: fields by name. */
export type ComponentFields = Readonly<Record<string, unknown>>;

/** The types that kubeadm writes out for a component. */
export const COMPONENT_TREES = {
  KubeletConfiguration: KUBELET_FIELDS,
  KubeProxyConfiguration: KUBE_PROXY_FIELDS,
} as const satisfies Record<string, FieldTree>;

type Shape = FieldTree[string];

const LEAVES = {
  text: { schema: v.nullish(v.string()), empty: "" },
  truth: { schema: v.nullish(v.boolean()), empty: false },
  whole: { schema: v.nullish(v.pipe(v.number(), v.integer())), empty: 0 },
  number: { schema: v.nullish(v.number()), empty: 0 },
  duration: { schema: v.nullish(v.string()), empty: "0s" },
  quantity: { schema: v.nullish(v.union([v.string(), v.number()])), empty: "0" },
  flush: { schema: v.nullish(v.union([v.string(), v.number()])), empty: 0 },
  any: { schema: v.nullish(v.unknown()), empty: null },
} as const;

/** What a document of this type may hold; `apiVersion` and `kind` beside. */
export function componentSchema(tree: FieldTree): v.GenericSchema<unknown, ComponentFields> {
  const meta = { apiVersion: LEAVES.text.schema, kind: LEAVES.text.schema };
  return v.strictObject({ ...meta, ...schemaEntries(tree) });
}

function schemaEntries(tree: FieldTree): Record<string, v.GenericSchema> {
  return Object.fromEntries(Object.entries(tree).map(([name, shape]) => [bareName(name), toSchema(shape)]));
}

function toSchema(shape: Shape | undefined): v.GenericSchema {
  if (shape === undefined || typeof shape === "string") return leafOf(shape).schema;
  if (isList(shape)) return v.nullish(v.array(toSchema(shape[0])));
  if (shape["*"] !== undefined) return v.nullish(v.record(v.string(), toSchema(shape["*"])));
  return v.nullish(v.strictObject(schemaEntries(shape)));
}

/**
 * A document with every field that Go writes: what is empty and may be left out is not there, what is missing and may
 * not has its empty value. Source: Go encoding/json omitempty.
 */
export function completeDocument(tree: FieldTree, value: ComponentFields): ComponentFields {
  const entries = Object.entries(tree).flatMap(([name, shape]): [string, unknown][] => {
    const bare = bareName(name);
    const completed = completeValue(shape, value[bare] ?? undefined);
    const left = bare !== name && isEmpty(completed, shape);
    return left ? [] : [[bare, completed]];
  });
  return Object.fromEntries(entries);
}

function completeValue(shape: Shape, value: unknown): unknown {
  if (typeof shape === "string") {
    if (value !== undefined) return value;
    return shape.startsWith("null ") ? null : leafOf(shape).empty;
  }
  if (isList(shape)) {
    const [item] = shape;
    return Array.isArray(value) ? value.map((entry: unknown) => completeValue(item, entry)) : null;
  }
  if (shape["*"] !== undefined) return value ?? null;
  return completeDocument(shape, isObject(value) ? value : {});
}

function isEmpty(value: unknown, shape: Shape): boolean {
  if (value === null) return true;
  if (typeof shape === "string") return !shape.startsWith("null ") && value === leafOf(shape).empty;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function leafOf(shape: string | undefined): { readonly schema: v.GenericSchema; readonly empty: unknown } {
  const name = (shape ?? "any").replace("null ", "");
  const leaf = Object.entries(LEAVES).find(([key]) => key === name)?.[1];
  if (leaf === undefined) throw new Error(`no such field type: ${shape}`);
  return leaf;
}

function isList(shape: FieldTree | readonly [FieldTree | string]): shape is readonly [FieldTree | string] {
  return Array.isArray(shape);
}

function bareName(name: string): string {
  return name.replace("?", "");
}
