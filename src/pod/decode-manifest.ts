import type { ErrorCode } from "../core/error-codes.ts";
import { messageOf } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { parseYamlDocuments, type TextPosition, type YamlDocument, type YamlProblem } from "../core/yaml.ts";
import { describeRefusedKind } from "./refused-kinds.ts";

/** A file that is no static pod, with the words for the person who wrote it. */
export interface Refusal {
  readonly kind: "refused";
  readonly code: ErrorCode;
  /** The whole in one line. */
  readonly message: string;
  /** One thing each, at its place where that is known. */
  readonly findings: readonly Finding[];
}

/** Something about a manifest, for the person who wrote it. */
export interface Finding {
  readonly position: TextPosition | undefined;
  readonly text: string;
}

/** A finding in one line, with its line in the file where that is known. */
export function describeFinding({ position, text }: Finding): string {
  return position === undefined ? text : `line ${position.line}: ${text}`;
}

/** A value that says which kind it is. */
export interface DecodedManifest {
  readonly kind: "decoded";
  readonly value: Readonly<Record<string, unknown>>;
  readonly warnings: readonly Finding[];
  /** Where a field stands, written as `spec.containers[0].name`. */
  locate(path: string): TextPosition | undefined;
}

/** A SLIPWAY_MANIFEST_INVALID refusal for one reason. */
export function refuse(message: string, position?: TextPosition): Refusal {
  const finding = { position, text: message };
  return {
    kind: "refused",
    code: "SLIPWAY_MANIFEST_INVALID",
    message: describeFinding(finding),
    findings: [finding],
  };
}

/** Source: go.yaml.in/yaml/v2 readerc.go, "control characters are not allowed". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL_CHARACTER = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\x80-\x84\x86-\x9F\uFFFE\uFFFF]/;

/**
 * Text to a value of one of these kinds. Only the first document counts, as in the kubelet; more give a warning, and so
 * does a key that stands twice, of which the last counts. Never throws.
 * Source: kubelet config/common.go tryDecodeSinglePod; apimachinery pkg/util/yaml/decoder.go.
 */
export function decodeManifest(text: string, kinds: readonly string[]): DecodedManifest | Refusal {
  const read = text.trimStart().startsWith("{") ? readJson(text) : readYaml(text);
  if (read.kind === "refused") return read;
  const { value } = read;
  if (value === undefined || value === null) return refuse("the first document is empty");
  if (!isObject(value)) return refuse("it is not a Kubernetes object, but a list or a single value");
  const { document, warnings } = read;
  const decoded: DecodedManifest = {
    kind: "decoded",
    value,
    warnings,
    locate: (path) => document()?.locate(parsePath(path)),
  };
  return checkKind(decoded, kinds) ?? decoded;
}

interface ReadText {
  readonly kind: "read";
  readonly value: unknown;
  readonly warnings: readonly Finding[];
  /** Where things stand; JSON is looked through only when something is wrong with it. */
  readonly document: () => YamlDocument | undefined;
}

function readJson(text: string): ReadText | Refusal {
  const document = (): YamlDocument | undefined => parseYamlDocuments(text, { duplicateKeys: "last" })[0];
  try {
    return { kind: "read", value: JSON.parse(text), warnings: [], document };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(`it starts with {, so it has to be JSON: ${messageOf(error)}`, document()?.problems[0]);
  }
}

function readYaml(text: string): ReadText | Refusal {
  const control = CONTROL_CHARACTER.exec(text);
  if (control !== null) return refuse("it holds a control character", positionOf(text, control.index));
  // A carriage return ends a line as well; the yaml library has it so only before a line feed.
  const lines = text.replace(/\r\n?/g, "\n");
  const [first, ...others] = parseYamlDocuments(lines, { duplicateKeys: "last" });
  if (first === undefined) return refuse("the file is empty");
  const [problem] = first.problems;
  if (problem !== undefined) return refuse(problem.message, problem);
  const ignored = others.length === 1 ? "one more is ignored" : `${others.length} more are ignored`;
  const position = others[0]?.start;
  const warnings = [
    ...first.duplicates.map((duplicate) => describeDuplicate(lines, duplicate)),
    ...(others.length > 0 ? [{ position, text: `only the first document is used; ${ignored}` }] : []),
  ];
  return { kind: "read", value: first.value, warnings, document: () => first };
}

function describeDuplicate(text: string, { line, column }: YamlProblem): Finding {
  const key = /^[^\s:,}]*/.exec(text.split("\n")[line - 1]?.slice(column - 1) ?? "")?.[0] ?? "";
  return { position: { line, column }, text: `${key} stands twice here; the last one counts` };
}

function positionOf(text: string, index: number): TextPosition {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function checkKind(decoded: DecodedManifest, kinds: readonly string[]): Refusal | undefined {
  const { apiVersion, kind } = decoded.value;
  if (typeof kind !== "string" || kind === "") {
    return refuse("it has no kind; a static pod starts with apiVersion: v1 and kind: Pod");
  }
  if (!kinds.includes(kind)) {
    const text = describeRefusedKind(kind);
    const position = decoded.locate("kind");
    return { kind: "refused", code: "SLIPWAY_KIND_REFUSED", message: text, findings: [{ position, text }] };
  }
  if (apiVersion === "v1") return undefined;
  const found = apiVersion === undefined ? "missing" : JSON.stringify(apiVersion);
  return refuse(`the apiVersion of a ${kind} is v1, but here it is ${found}`, decoded.locate("apiVersion"));
}

/** `spec.containers[0].name` as its parts. */
function parsePath(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
}
