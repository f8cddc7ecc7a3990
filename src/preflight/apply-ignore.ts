import { SlipwayError } from "../core/errors.ts";
import type { Finding } from "./types.ts";

/**
 * The findings with ignored errors as warnings. Letter case does not count, and `all` ignores every error.
 * Source: kubeadm app/preflight RunChecks, setHasItemOrAll.
 */
export function applyIgnore(options: {
  readonly findings: readonly Finding[];
  readonly ignore: readonly string[];
}): readonly Finding[] {
  const ignored = new Set(options.ignore.map((name) => name.toLowerCase()));
  return options.findings.map((finding) =>
    ignored.has("all") || ignored.has(finding.name.toLowerCase())
      ? { ...finding, severity: "warning" }
      : finding,
  );
}

/** One line a finding: `[Port-6443] what: why; fix: command`. */
function formatFindings(findings: readonly Finding[]): readonly string[] {
  return findings.map((finding) => `${formatFinding(finding)}; fix: ${finding.fix}`);
}

/** What was found, in one line: `[Port-6443] what: why`. */
export function formatFinding({ name, what, why }: Finding): string {
  return `[${name}] ${what}: ${why}`;
}

/** Raises SLIPWAY_PREFLIGHT with every error among the findings; does nothing when there is none. */
export function raisePreflight(
  findings: readonly Finding[],
  what = "this machine is not ready for a control plane",
): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const names = [...new Set(errors.map(({ name }) => name))].join(",");
  // Who goes on without a port only meets it again: nothing can listen there.
  const isHopeless = errors.some(({ name }) => name.startsWith("Port-"));
  throw new SlipwayError({
    code: "SLIPWAY_PREFLIGHT",
    what,
    why: errors.length === 1 ? "one check failed" : `${errors.length} checks failed`,
    fix: `mend what is listed${isHopeless ? "" : `, or go on regardless: --ignore-preflight-errors=${names}`}`,
    details: formatFindings(errors),
  });
}
