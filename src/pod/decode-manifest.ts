import { BYTE_ORDER_MARK, findUndecoded, replaceUndecoded } from "../core/decode-text.ts";
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
  /** One thing each, in the order of the file, at its place where that is known. */
  readonly findings: readonly Finding[];
  /** What is odd beside. */
  readonly warnings: readonly Finding[];
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
  /** What is wrong with its head. */
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** Where a field stands, written as `spec.containers[0].name`. */
  locate(path: string): TextPosition | undefined;
}

/** How many findings a log line names. */
export const MAX_FINDINGS_NAMED = 3;

/** A SLIPWAY_MANIFEST_INVALID refusal for all of these; its message names the first of them. */
export function refuseFor(findings: readonly Finding[], warnings: readonly Finding[] = []): Refusal {
  const sorted = sortByPlace(findings);
  const named = sorted.slice(0, MAX_FINDINGS_NAMED).map(describeFinding).join("; ");
  const others = sorted.length - MAX_FINDINGS_NAMED;
  const message = others > 0 ? `${named}; and ${others} more` : named;
  return { kind: "refused", code: "SLIPWAY_MANIFEST_INVALID", message, findings: sorted, warnings };
}

/** The same for one reason. */
export function refuse(text: string, position?: TextPosition): Refusal {
  return refuseFor([{ position, text }]);
}

/** In the order of the file; what has no place comes first. */
export function sortByPlace(findings: readonly Finding[]): readonly Finding[] {
  const placeOf = ({ position }: Finding) => [position?.line ?? 0, position?.column ?? 0] as const;
  return findings.toSorted((left, right) => {
    const [[line, column], [otherLine, otherColumn]] = [placeOf(left), placeOf(right)];
    return line - otherLine || column - otherColumn;
  });
}

/** Source: go.yaml.in/yaml/v2 readerc.go, "control characters are not allowed". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL_CHARACTER = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\x80-\x84\x86-\x9F\uFFFE\uFFFF]/;

/**
 * Text to a value of one of these kinds. Only the first document counts, as in the kubelet; more give a warning, and so
 * does a key that stands twice, of which the last counts. What is not UTF-8 in JSON becomes U+FFFD, with a warning; YAML
 * is refused for it, and JSON behind a byte order mark is read as YAML. Never throws.
 * Source: kubelet config/common.go tryDecodeSinglePod; apimachinery pkg/util/yaml/decoder.go.
 */
export function decodeManifest(text: string, kinds: readonly string[]): DecodedManifest | Refusal {
  const read = readManifest(text);
  if (read.kind === "refused") return read;
  const { value, document, warnings } = read;
  if (value === undefined || value === null)
    return refuse("the first document is empty, and only the first is used; begin the file with the Pod");
  const locate = (path: string): TextPosition | undefined => document()?.locate(parsePath(path));
  if (!isObject(value))
    return refuse("it is not a Kubernetes object, but a list or a single value; write a Pod", locate(""));
  return judgeHead({ kind: "decoded", value, problems: [], warnings, locate }, kinds);
}

function readManifest(text: string): ReadText | Refusal {
  if (text.startsWith(BYTE_ORDER_MARK)) return readYaml(text.slice(BYTE_ORDER_MARK.length));
  return text.trimStart().startsWith("{") ? readJson(text) : readYaml(text);
}

interface ReadText {
  readonly kind: "read";
  readonly value: unknown;
  readonly warnings: readonly Finding[];
  /** Where things stand; JSON is looked through only when something is wrong with it. */
  readonly document: () => YamlDocument | undefined;
}

function readJson(decoded: string): ReadText | Refusal {
  const text = replaceUndecoded(decoded);
  let placed: YamlDocument | undefined;
  const document = (): YamlDocument | undefined => {
    placed ??= parseYamlDocuments(text, { duplicateKeys: "last" })[0];
    return placed;
  };
  try {
    return { kind: "read", value: JSON.parse(text), warnings: findWrongEncoding(decoded), document };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const why = messageOf(error).replace(EXCERPT, "");
    return refuse(`it starts with {, so it has to be JSON: ${why}`, document()?.problems[0]);
  }
}

/** What Node quotes of the text, in which secrets may stand. */
const EXCERPT = /, (?:\.\.\.)?".*"(?:\.\.\.)? is not valid JSON$/s;

function findWrongEncoding(text: string): readonly Finding[] {
  const index = findUndecoded(text);
  return index === undefined ? [] : [{ position: positionOf(text, index), text: NOT_UTF8 }];
}

const NOT_UTF8 = "it is not UTF-8 here; save it as UTF-8";

function readYaml(text: string): ReadText | Refusal {
  const undecoded = findWrongEncoding(text);
  if (undecoded.length > 0) return refuseFor(undecoded);
  const control = CONTROL_CHARACTER.exec(text);
  if (control !== null) return refuse("it holds a control character", positionOf(text, control.index));
  // A carriage return ends a line as well; the yaml library has it so only before a line feed.
  const yaml = text.replace(/\r\n?/g, "\n");
  const lines = yaml.split("\n");
  const [first, ...others] = parseYamlDocuments(yaml, { duplicateKeys: "last" });
  if (first === undefined) return refuse("the file is empty");
  if (first.problems.length > 0)
    return refuseFor(first.problems.map((problem) => ({ position: problem, text: problem.message })));
  const ignored = others.length === 1 ? "one more is ignored" : `${others.length} more are ignored`;
  const warnings = [
    ...first.duplicates.map((duplicate) => describeDuplicate(lines, duplicate)),
    ...(others.length > 0 ? [{ position: others[0]?.start, text: `${ONLY_FIRST}; ${ignored}` }] : []),
  ];
  return { kind: "read", value: first.value, warnings, document: () => first };
}

const ONLY_FIRST = "only the first document is used; put each Pod into a file of its own";

function describeDuplicate(lines: readonly string[], { line, column }: YamlProblem): Finding {
  const key = /^[^\s:,}]*/.exec(lines[line - 1]?.slice(column - 1) ?? "")?.[0] ?? "";
  return { position: { line, column }, text: `${key} stands twice here; the last one counts; remove one` };
}

function positionOf(text: string, index: number): TextPosition {
  const before = text.slice(0, index).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** A kind that is none of these refuses the whole; another version is one problem more. */
function judgeHead(decoded: DecodedManifest, kinds: readonly string[]): DecodedManifest | Refusal {
  const { apiVersion, kind } = decoded.value;
  if (typeof kind !== "string" || kind === "") {
    return refuse(
      "it has no kind; a static pod starts with apiVersion: v1 and kind: Pod",
      decoded.locate(""),
    );
  }
  if (!kinds.includes(kind)) {
    const finding = { position: decoded.locate("kind"), text: describeRefusedKind(kind) };
    return { ...refuseFor([finding], decoded.warnings), code: "SLIPWAY_KIND_REFUSED", message: finding.text };
  }
  if (apiVersion === "v1") return decoded;
  const found = apiVersion === undefined ? "missing" : JSON.stringify(apiVersion);
  const text = `apiVersion: that of a ${kind} is v1, but here it is ${found}`;
  return { ...decoded, problems: [{ position: decoded.locate("apiVersion"), text }] };
}

/** `spec.containers[0].name` as its parts. */
function parsePath(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
}
