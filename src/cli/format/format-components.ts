import type { ComponentListAnswer, PruningAnswer, VerificationAnswer } from "../../commands/components.ts";
import { formatNarrowTable } from "../../core/table.ts";

/** How wide a terminal is; nothing: no line is broken. */
interface Width {
  readonly columns?: number;
}

/** What `slipway components list` says to people. */
export function formatComponentList(
  { kubernetesVersion, components, cached }: ComponentListAnswer,
  { columns = Number.POSITIVE_INFINITY }: Width,
): string {
  const rows = components.map(({ name, neededVersion, component }) => [
    name,
    neededVersion,
    component?.version ?? "-",
    component?.origin ?? "-",
    component?.path ?? "slipway components fetch",
  ]);
  const needed = formatNarrowTable(["COMPONENT", "NEEDED", "HERE", "FROM", "PATH"], { rows, columns });
  const others = cached.filter(({ path }) => !components.some(({ component }) => component?.path === path));
  const more =
    others.length === 0
      ? ""
      : `\nAlso cached:\n${others.map(({ name, version, path }) => `  ${name} ${version}  ${path}\n`).join("")}`;
  return `Kubernetes ${kubernetesVersion} needs:\n${needed}${more}`;
}

/** What `slipway components verify` says to people. */
export function formatVerification(
  { items }: VerificationAnswer,
  { columns = Number.POSITIVE_INFINITY }: Width,
): string {
  if (items.length === 0) return "The cache is empty.\n";
  const rows = items.map(({ binary, intact }) => [
    binary.name,
    binary.version,
    intact ? "intact" : "changed: slipway components prune, then fetch",
    binary.path,
  ]);
  return formatNarrowTable(["COMPONENT", "VERSION", "STATE", "PATH"], { rows, columns });
}

/** What `slipway components prune` says to people. */
export function formatPruning({ removed, kept }: PruningAnswer): string {
  if (removed.length + kept.length === 0) return "The cache is empty.\n";
  return [
    ...removed.map(({ path }) => `removed ${path}\n`),
    ...kept.map(({ path, pids }) => `kept ${path}: process ${pids.join(", ")} needs it\n`),
    ...(kept.length === 0 ? [] : ["What is in use can go when its control plane is gone: slipway reset\n"]),
  ].join("");
}
