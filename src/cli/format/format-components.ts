import type { ComponentListAnswer, PruningAnswer, VerificationAnswer } from "../../commands/components.ts";
import { formatTable } from "../../core/table.ts";

/** What `slipway components list` says to people. */
export function formatComponentList({ kubernetesVersion, components, cached }: ComponentListAnswer): string {
  const needed = formatTable(
    ["COMPONENT", "NEEDED", "HERE", "FROM", "PATH"],
    components.map(({ name, neededVersion, component }) => [
      name,
      neededVersion,
      component?.version ?? "-",
      component?.origin ?? "-",
      component?.path ?? "slipway components fetch",
    ]),
  );
  const others = cached.filter(({ path }) => !components.some(({ component }) => component?.path === path));
  const more =
    others.length === 0
      ? ""
      : `\nAlso cached:\n${others.map(({ name, version, path }) => `  ${name} ${version}  ${path}\n`).join("")}`;
  return `Kubernetes ${kubernetesVersion} needs:\n${needed}${more}`;
}

/** What `slipway components verify` says to people. */
export function formatVerification({ items }: VerificationAnswer): string {
  if (items.length === 0) return "The cache is empty.\n";
  return formatTable(
    ["COMPONENT", "VERSION", "STATE", "PATH"],
    items.map(({ binary, intact }) => [
      binary.name,
      binary.version,
      intact ? "intact" : "changed: slipway components prune, then fetch",
      binary.path,
    ]),
  );
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
