import {
  Composer,
  Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  visit,
  type YAMLMap,
} from "yaml";
import { describeYamlFailure, describeYamlProblem, STANDS_TWICE } from "./yaml-problems.ts";
import { PLAIN_SCALARS } from "./yaml-scalars.ts";
import { selectScalarStyle } from "./yaml-style.ts";
import { readYamlTokens, UnreadableYaml } from "./yaml-tokens.ts";

/** Where something stands in a text; both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A problem that the YAML parser found. */
export interface YamlProblem extends TextPosition {
  readonly message: string;
}

/** One document of a YAML (or JSON) stream. `value` is undefined when the document has problems. */
export interface YamlDocument {
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Keys that stand twice in one mapping, where that is no problem: the last counts. */
  readonly duplicates: readonly YamlProblem[];
  /** Where the document starts. */
  readonly start: TextPosition;
  /**
   * Where a path stands: of the key for a map entry, of the item for a list entry.
   * A path that is not there gives the nearest parent that is.
   */
  locate(path: readonly (string | number)[]): TextPosition;
}

/**
 * The documents of a YAML stream, in order. Never throws: problems are in each document. Duplicate keys are
 * problems unless `duplicateKeys` lets the last count; anchors and merge keys work; plain scalars are what Kubernetes'
 * reader takes them for. An empty or comment-only document has value null.
 */
export function parseYamlDocuments(
  text: string,
  options: { readonly duplicateKeys: "problem" | "last" } = { duplicateKeys: "problem" },
): readonly YamlDocument[] {
  const lines = new LineCounter();
  const at = (offset: number): TextPosition => {
    const position = lines.linePos(offset);
    return { line: Math.max(position.line, 1), column: Math.max(position.col, 1) };
  };
  const composer = new Composer({
    schema: "failsafe",
    customTags: [...PLAIN_SCALARS],
    merge: true,
    // The library compares each key with all before it; `lookThrough` looks once at each.
    uniqueKeys: false,
    logLevel: "error",
  });
  let documents: Document.Parsed[];
  try {
    documents = [...composer.compose(readYamlTokens(text, lines))];
  } catch (error) {
    if (!(error instanceof UnreadableYaml)) throw error;
    const start = { line: 1, column: 1 };
    const problems = [{ message: error.message, ...at(error.offset) }];
    return [{ value: undefined, problems, duplicates: [], start, locate: () => start }];
  }
  return documents.map((document) => {
    const { begins, twice } = lookThrough(document);
    const broken = document.errors.map(({ code, message, pos: [offset] }) => ({
      message: describeYamlProblem({ code, message }),
      ...at(/quote$/.test(message) ? (begins.get(offset) ?? offset) : offset),
    }));
    const repeated = twice.map((offset) => ({ message: STANDS_TWICE, ...at(offset) }));
    const areAllowed = options.duplicateKeys === "last";
    const problems = selectFew(areAllowed ? broken : [...broken, ...repeated]);
    let value: unknown;
    if (problems.length === 0) {
      try {
        const read: unknown = document.toJS({ maxAliasCount: 100 });
        if (containsItself(read)) throw new Error("an anchor contains itself");
        value = read;
      } catch (error) {
        problems.push({
          message: describeYamlFailure(error),
          ...at(document.range[0]),
        });
      }
    }
    return {
      value,
      problems,
      duplicates: areAllowed ? repeated : [],
      start: at(document.contents?.range?.[0] ?? document.range[0]),
      locate: (path) => at(locateOffset(document.contents, path) ?? document.range[0]),
    };
  });
}

/**
 * YAML text as Kubernetes' tools write it: keys sorted at every level, two-space indent, lists not indented,
 * no line folding, no anchors. Source: sigs.k8s.io/yaml Marshal.
 */
export function formatYaml(value: unknown): string {
  const document = new Document(value, {
    aliasDuplicateObjects: false,
    sortMapEntries: true,
    version: "1.1",
  });
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string") scalar.type = selectScalarStyle(scalar.value);
    },
  });
  return document.toString({ indentSeq: false, lineWidth: 0 });
}

/** Several values as one YAML stream, a `---` line between each two. */
export function formatYamlStream(values: readonly unknown[]): string {
  return values.map(formatYaml).join("---\n");
}

/**
 * One look at everything: by where scalars end, where they begin, since of a quote that is not closed the parser tells
 * where the text ends and a person looks for where it begins; and where keys stand that their mapping has already.
 */
function lookThrough(document: Document.Parsed): {
  readonly begins: ReadonlyMap<number, number>;
  readonly twice: readonly number[];
} {
  const begins = new Map<number, number>();
  const twice: number[] = [];
  visit(document, {
    Scalar: (_key, { range }) => {
      if (range) begins.set(range[1], range[0]);
    },
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) twice.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return { begins, twice };
}

/** Nobody reads more, and the later ones mostly follow from the first. */
const MAX_PROBLEMS = 20;

/** In the order of the lines, one a line: what the parser says of one after its first problem follows from that. */
function selectFew(problems: readonly YamlProblem[]): YamlProblem[] {
  const byLine = new Map<number, YamlProblem>();
  for (const problem of problems) if (!byLine.has(problem.line)) byLine.set(problem.line, problem);
  const sorted = [...byLine.values()].sort((left, right) => left.line - right.line);
  const [next] = sorted.slice(MAX_PROBLEMS);
  if (next === undefined) return sorted;
  const message = `from here on ${sorted.length - MAX_PROBLEMS} more lines are wrong; mend those above first`;
  return [...sorted.slice(0, MAX_PROBLEMS), { ...next, message }];
}

/** `above` holds what the value stands in, `done` what has been looked through. */
function containsItself(value: unknown, above = new Set<unknown>(), done = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((inner) => containsItself(inner, above, done));
  above.delete(value);
  done.add(value);
  return found;
}

function locateOffset(root: Node | null, path: readonly (string | number)[]): number | undefined {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const part of path) {
    if (isMap(node)) {
      const pair = indexOf(node).get(String(part));
      if (pair === undefined) return offset;
      offset = pair.keyOffset ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(part)];
      if (!isMap(item) && !isSeq(item) && !isScalar(item)) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}

/** Where the first key of each name stands, and what it is for. */
type KeyIndex = ReadonlyMap<string, { readonly keyOffset: number | undefined; readonly value: unknown }>;

/** For each fault of thousands a look through all keys would take minutes. */
const INDEXES = new WeakMap<YAMLMap, KeyIndex>();

function indexOf(map: YAMLMap): KeyIndex {
  const known = INDEXES.get(map);
  if (known !== undefined) return known;
  const entries = map.items.flatMap(({ key, value }) =>
    isScalar(key) ? [[String(key.value), { keyOffset: key.range?.[0], value }] as const] : [],
  );
  const index: KeyIndex = new Map(entries.reverse());
  INDEXES.set(map, index);
  return index;
}
