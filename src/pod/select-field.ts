import type { Pod } from "./types.ts";

/**
 * A field of a pod's metadata as text; undefined for any other field. Whole maps are one `key="value"` a line, sorted.
 * Source: pkg/fieldpath/fieldpath.go ExtractFieldPathAsString, FormatMap.
 */
export function selectMetadataField(pod: Pod, path: string): string | undefined {
  const { name, namespace, uid, labels = {}, annotations = {} } = pod.metadata;
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/s.exec(path);
  if (keyed !== null)
    return new Map(Object.entries(keyed[1] === "labels" ? labels : annotations)).get(keyed[2] ?? "") ?? "";
  const fields: Readonly<Record<string, string>> = {
    "metadata.name": name,
    "metadata.namespace": namespace,
    "metadata.uid": uid,
    "metadata.labels": formatMap(labels),
    "metadata.annotations": formatMap(annotations),
  };
  return Object.hasOwn(fields, path) ? fields[path] : undefined;
}

function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${quote(map[key] ?? "")}`)
    .join("\n");
}

const GO_ESCAPES: Readonly<Record<string, string>> = { "07": "\\a", "0b": "\\v" };

/** Source: Go strconv.Quote; it differs from JSON in what it calls control characters. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /\\u00([0-9a-f]{2})|\x7f/g,
    (_match, hex: string | undefined) => GO_ESCAPES[hex ?? ""] ?? `\\x${hex ?? "7f"}`,
  );
}
