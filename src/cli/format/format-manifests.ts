import type {
  JudgedAnswer,
  JudgedManifest,
  PathsAnswer,
  PlacedText,
} from "../../commands/runner/manifests.ts";
import { formatTable } from "../../core/table.ts";

/** The places where static pods are read, one a line, and how each is known. */
export function formatPaths({ items }: PathsAnswer): string {
  if (items.length === 0)
    return "nobody reads static pods on this machine: no kubelet and no runner is set up here\n";
  const rows = items.map((item) => [item.kind === "path" ? item.path : item.url, item.how]);
  return formatTable(["PLACE", "KNOWN FROM"], rows);
}

/** One line a file or finding, as compilers print them: `FILE:LINE:COLUMN: TEXT`. */
export function formatJudged({ items }: JudgedAnswer): string {
  if (items.length === 0) return "there are no manifests\n";
  return items.map((item) => `${linesOf(item).join("\n")}\n`).join("");
}

function linesOf({ path, pod, problems, warnings }: JudgedManifest): readonly string[] {
  const found = [
    ...problems.map((problem) => ({ ...problem, label: "" })),
    ...warnings.map((warning) => ({ ...warning, label: "warning: " })),
  ];
  return [
    ...found
      .toSorted(compareByPlace)
      .map(
        ({ line, column, label, text }) =>
          `${[path, line, column].filter(isThere).join(":")}: ${label}${text}`,
      ),
    ...(pod === undefined ? [] : [`${path}: valid, the pod ${pod}`]),
  ];
}

function compareByPlace(left: PlacedText, right: PlacedText): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}

function isThere(part: unknown): boolean {
  return part !== undefined;
}
