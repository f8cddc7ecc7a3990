import type { BootstrapToken } from "../../api/objects/bootstrap-token.ts";
import { formatElapsed } from "../../core/duration.ts";
import { formatNarrowTable, formatTable } from "../../core/table.ts";

/**
 * What `slipway token list` says to people, in kubeadm's columns; on a terminal of `columns` that they are too wide for,
 * in fewer, with the description below.
 */
export function formatTokens(
  tokens: readonly BootstrapToken[],
  { nowMs, columns }: { readonly nowMs: number; readonly columns?: number | undefined },
): string {
  if (tokens.length === 0) return "There are no bootstrap tokens; slipway token create makes one.\n";
  const whole = formatWhole(tokens, nowMs);
  if (columns === undefined || whole.split("\n").every((line) => line.length <= columns)) return whole;
  const rows = tokens.map(({ token, expires, usages, description }) => [
    token,
    describeTtl(expires, nowMs),
    usages.join(",") || "<none>",
    description || "<none>",
  ]);
  return formatNarrowTable(["TOKEN", "TTL", "USAGES", "DESCRIPTION"], { rows, columns });
}

function formatWhole(tokens: readonly BootstrapToken[], nowMs: number): string {
  return formatTable(
    ["TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS"],
    tokens.map(({ token, expires, usages, description, groups }) => [
      token,
      describeTtl(expires, nowMs),
      expires ?? "<never>",
      usages.join(",") || "<none>",
      description || "<none>",
      groups.join(",") || "<none>",
    ]),
  );
}

function describeTtl(expires: string | undefined, nowMs: number): string {
  if (expires === undefined) return "<forever>";
  const leftMs = Date.parse(expires) - nowMs;
  return leftMs <= 0 ? "<expired>" : formatElapsed(leftMs);
}
