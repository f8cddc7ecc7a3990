import type { YamlDocument } from "../core/yaml.ts";

/** The documents of a configuration file that we know. */
export const DOCUMENT_KINDS = [
  "InitConfiguration",
  "ClusterConfiguration",
  "JoinConfiguration",
  "ResetConfiguration",
  "UpgradeConfiguration",
  "KubeletConfiguration",
  "KubeProxyConfiguration",
  "SlipwayConfiguration",
] as const;

export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Field names and list indices, from a document's root. */
export type FieldPath = readonly (string | number)[];

/** Something wrong with one field. */
export interface FieldFinding {
  readonly kind: DocumentKind;
  readonly path: FieldPath;
  readonly message: string;
}

/** Where the values came from: the file and its documents, and which fields a flag set. */
export interface Origins {
  /** The file's path; undefined when there is none. */
  readonly path: string | undefined;
  readonly documents: Partial<Readonly<Record<DocumentKind, YamlDocument>>>;
  readonly flags: readonly { readonly kind: DocumentKind; readonly path: FieldPath; readonly flag: string }[];
}

/** The finding as one line: `FILE:LINE:COLUMN: FIELD: MESSAGE`, or `--FLAG: MESSAGE` when a flag set the field. */
export function describeFinding(finding: FieldFinding, origins: Origins): string {
  const source = origins.flags.find(
    (entry) => entry.kind === finding.kind && entry.path.every((part, index) => part === finding.path[index]),
  );
  if (source !== undefined) return `${source.flag}: ${finding.message}`;
  const field = formatFieldPath(finding.path);
  const position = origins.documents[finding.kind]?.locate(finding.path);
  if (position === undefined) return `${finding.kind} ${field}: ${finding.message}`;
  return `${origins.path}:${position.line}:${position.column}: ${field}: ${finding.message}`;
}

/** Lines that begin with `PATH:LINE:COLUMN:` in the order of the file, then the others, of flags, as they come. */
export function sortByPlace(lines: readonly string[], path: string): readonly string[] {
  const placeOf = (text: string): readonly [number, number] => {
    const [, line, column] = text.startsWith(`${path}:`)
      ? (/^(\d+):(\d+):/.exec(text.slice(path.length + 1)) ?? [])
      : [];
    return line === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [Number(line), Number(column)];
  };
  return lines
    .map((text) => ({ text, place: placeOf(text) }))
    .toSorted(({ place: left }, { place: right }) => left[0] - right[0] || left[1] - right[1])
    .map(({ text }) => text);
}

/** The findings with only the first for each field: what follows from a wrong type is not said twice. */
export function selectFirstPerField(findings: readonly FieldFinding[]): readonly FieldFinding[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const key = JSON.stringify([finding.kind, finding.path]);
    return !seen.has(key) && seen.add(key);
  });
}

function formatFieldPath(path: FieldPath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}
