import { isObject } from "../core/json.ts";
import { selectNearest } from "../core/nearest.ts";
import { defaultStruct } from "./api-defaults.ts";
import { type ApiField, fieldsOf } from "./api-types.ts";
import { type PodProblem, problem } from "./pod-problem.ts";
import { parseQuantity } from "./quantity.ts";

/** A value as the API's type has it, or what is wrong with it. */
export interface DecodedValue {
  /** Only known fields, with defaults; empty ones only where emptiness says something. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Wrong types. */
  readonly problems: readonly PodProblem[];
  /** Fields that the type does not have. They are ignored. */
  readonly unknown: readonly PodProblem[];
}

/**
 * Reads a value as Go's JSON reader would read it into the struct of that name: null is as good as absent, unknown
 * fields are left out, a wrong type is a problem. Fills in what each struct defaults for itself.
 * Source: sigs.k8s.io/json (case-sensitive, lenient), apimachinery Quantity, IntOrString and Time UnmarshalJSON.
 */
export function decodeValue(struct: string, value: Readonly<Record<string, unknown>>): DecodedValue {
  const found: Findings = { problems: [], unknown: [] };
  return { value: decodeStruct({ struct, value, path: "" }, found), ...found };
}

/** An empty value has nothing to be found. */
const NOTHING: Findings = { problems: [], unknown: [] };

interface Findings {
  readonly problems: PodProblem[];
  readonly unknown: PodProblem[];
}

function decodeStruct(
  node: { readonly struct: string; readonly value: Readonly<Record<string, unknown>>; readonly path: string },
  found: Findings,
): Readonly<Record<string, unknown>> {
  const { struct, value, path } = node;
  const fields = fieldsOf(struct) ?? new Map<string, ApiField>();
  const decoded: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const place = path === "" ? name : `${path}.${name}`;
    const field = fields.get(name);
    if (field === undefined) {
      const nearest = selectNearest(name, [...fields.keys()]);
      const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
      found.unknown.push(problem(place, `there is no such field, and it is ignored${hint}`));
    } else if (inner !== null && inner !== undefined) {
      const read = decodeField({ field, value: inner, path: place }, found);
      if (read !== undefined && (field.isPointer || !isEmpty(read))) decoded[name] = read;
    }
  }
  for (const [name, field] of fields) {
    if (field.isPointer || name in decoded) continue;
    const isStruct = field.container === "none" && SCALARS[field.type] === undefined;
    if (isStruct) decoded[name] = decodeStruct({ struct: field.type, value: {}, path: "" }, found);
    else if (field.isAlwaysThere) decoded[name] = field.container === "none" ? zeroOf(field.type) : [];
  }
  return defaultStruct(struct, decoded);
}

interface FieldNode {
  readonly field: Pick<ApiField, "type" | "container">;
  readonly value: unknown;
  readonly path: string;
}

function decodeField({ field, value, path }: FieldNode, found: Findings): unknown {
  const { type, container } = field;
  if (container === "list") {
    if (!Array.isArray(value)) return wrongType({ expected: "a list", value, path }, found);
    return value.map((item: unknown, index) =>
      decodeItem({ type, value: item, path: `${path}[${index}]` }, found),
    );
  }
  if (container === "map") {
    if (!isObject(value)) return wrongType({ expected: "a group of fields", value, path }, found);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        decodeItem({ type, value: item, path: `${path}.${key}` }, found),
      ]),
    );
  }
  return decodeOne({ type, value, path }, found);
}

/** One of a list or map: null, and what has a wrong type, leaves its place as Go would make it. */
function decodeItem(node: Parameters<typeof decodeOne>[0], found: Findings): unknown {
  const { type, value } = node;
  return value === null ? zeroOf(type) : (decodeOne(node, found) ?? zeroOf(type));
}

function decodeOne(
  node: { readonly type: string; readonly value: unknown; readonly path: string },
  found: Findings,
): unknown {
  const { type, value, path } = node;
  const scalar = SCALARS[type];
  if (scalar !== undefined) {
    if (!scalar.accepts(value)) return wrongType({ expected: scalar.words, value, path }, found);
    return type === "Quantity" ? String(value).trim() : value;
  }
  if (!isObject(value)) return wrongType({ expected: "a group of fields", value, path }, found);
  return decodeStruct({ struct: type, value, path }, found);
}

function wrongType(
  node: { readonly expected: string; readonly value: unknown; readonly path: string },
  found: Findings,
): undefined {
  const { expected, value, path } = node;
  const quotable = expected === "a text" && (typeof value === "number" || typeof value === "boolean");
  const hint = quotable ? "; put it in quotes" : "";
  const isSecret = typeof value === "number" && MAY_BE_SECRET.includes(expected);
  const name = isSecret ? "a number" : describeType(value);
  found.problems.push(problem(path, `it must be ${expected}, not ${name}${hint}`));
  return undefined;
}

/** Where these are expected a password may stand, and what is wrong with a manifest becomes an event of the cluster. */
const MAY_BE_SECRET = ["a text", "a text in base64", "a list", "a group of fields"];

function describeType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return "a group of fields";
}

interface Scalar {
  readonly words: string;
  readonly accepts: (value: unknown) => boolean;
}

const INT32_LIMIT = 2 ** 31;
const isText = (value: unknown): value is string => typeof value === "string";
const isInt32 = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) >= -INT32_LIMIT && Number(value) < INT32_LIMIT;

const SCALARS: Readonly<Record<string, Scalar>> = {
  string: { words: "a text", accepts: isText },
  bool: { words: "true or false", accepts: (value) => typeof value === "boolean" },
  int32: { words: "a whole number of 32 bits", accepts: isInt32 },
  int64: {
    words: "a whole number",
    accepts: (value) => Number.isInteger(value) && Math.abs(Number(value)) <= 2 ** 63,
  },
  Quantity: {
    words: "a quantity such as 250m or 1Gi",
    accepts: (value) =>
      (isText(value) || typeof value === "number") && parseQuantity(String(value).trim()) !== undefined,
  },
  IntOrString: {
    words: "a whole number of 32 bits or a text",
    accepts: (value) => isText(value) || isInt32(value),
  },
  Time: { words: "a time such as 2026-01-31T12:00:00Z", accepts: (value) => isText(value) && isTime(value) },
  bytes: { words: "a text in base64", accepts: isText },
  any: { words: "anything", accepts: () => true },
};

function isTime(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  );
}

/** What Go leaves for null in a list or a map, and for a field that is always there. */
function zeroOf(type: string): unknown {
  if (SCALARS[type] === undefined) return decodeStruct({ struct: type, value: {}, path: "" }, NOTHING);
  return { bool: false, int32: 0, int64: 0, IntOrString: 0, Quantity: "0", any: null }[type] ?? "";
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false;
}
