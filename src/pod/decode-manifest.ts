import type { ErrorCode } from "../core/error-codes.ts";
import { isObject } from "../core/json.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import { describeRefusedKind } from "./refused-kinds.ts";

/** A file that is no static pod, with the words for the person who wrote it. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: ErrorCode;
  readonly message: string;
}

/** A value that says of itself that it is a v1 Pod; absent fields only, no nulls. */
export interface DecodedPod {
  readonly kind: "decoded";
  readonly value: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

/** A SLIPWAY_MANIFEST_INVALID refusal. */
export function refuse(message: string): Refusal {
  return { kind: "refused", code: "SLIPWAY_MANIFEST_INVALID", message };
}

/**
 * Text to a value whose kind is Pod. Only the first document counts, as in the kubelet; more give a warning.
 * A field that is null is as good as absent, as in Go's JSON reader. Never throws.
 * Source: kubelet config/common.go tryDecodeSinglePod; apimachinery pkg/util/yaml/decoder.go.
 */
export function decodeManifest(text: string): DecodedPod | Refusal {
  const first = readFirstDocument(text);
  if (first.kind === "refused") return first;
  const value = withoutNulls(first.value);
  if (value === undefined || value === null) return refuse("the first document is empty");
  if (!isObject(value)) return refuse("it is not a Kubernetes object, but a list or a single value");
  const refusal = checkKind(value);
  return refusal ?? { kind: "decoded", value, warnings: first.warnings };
}

function readFirstDocument(
  text: string,
): { readonly kind: "read"; readonly value: unknown; readonly warnings: readonly string[] } | Refusal {
  if (text.trimStart().startsWith("{")) {
    const json = parseJson(text);
    if (json !== undefined) return { kind: "read", value: json, warnings: [] };
  }
  const documents = parseYamlDocuments(text);
  const first = documents[0];
  if (first === undefined) return refuse("the file is empty");
  const problem = first.problems[0];
  if (problem !== undefined) return refuse(`line ${problem.line}: ${problem.message}`);
  const others = documents.length - 1;
  const warnings = others > 0 ? [`only the first document is used; ${others} more are ignored`] : [];
  return { kind: "read", value: first.value, warnings };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function checkKind(value: Readonly<Record<string, unknown>>): Refusal | undefined {
  const { apiVersion, kind } = value;
  if (typeof kind !== "string" || kind === "") {
    return refuse("it has no kind; a static pod starts with apiVersion: v1 and kind: Pod");
  }
  if (kind !== "Pod") {
    return { kind: "refused", code: "SLIPWAY_KIND_REFUSED", message: describeRefusedKind(kind) };
  }
  if (apiVersion !== "v1") return refuse(`apiVersion of a Pod is v1, not ${JSON.stringify(apiVersion)}`);
  return undefined;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(present.map(([key, inner]) => [key, withoutNulls(inner)]));
}
