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
  const at = ({ line, column }: PlacedText): string =>
    line === undefined ? path : `${path}:${line}:${column}`;
  return [
    ...problems.map((problem) => `${at(problem)}: ${problem.text}`),
    ...warnings.map((warning) => `${at(warning)}: warning: ${warning.text}`),
    ...(pod === undefined ? [] : [`${path}: the pod ${pod}`]),
  ];
}
