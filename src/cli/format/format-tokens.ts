import type { BootstrapToken } from "../../api/objects/bootstrap-token.ts";
import { formatElapsed } from "../../core/duration.ts";
import { formatTable } from "../../core/table.ts";

/** What `slipway token list` says to people, in kubeadm's columns. */
export function formatTokens(tokens: readonly BootstrapToken[], nowMs: number): string {
  if (tokens.length === 0) return "There are no bootstrap tokens; slipway token create makes one.\n";
  return formatTable(
    ["TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS"],
    tokens.map(({ token, expires, usages, description, groups }) => [
      token,
      expires === undefined ? "<forever>" : describeLeft(Date.parse(expires) - nowMs),
      expires ?? "<never>",
      usages.join(",") || "<none>",
      description || "<none>",
      groups.join(",") || "<none>",
    ]),
  );
}

function describeLeft(leftMs: number): string {
  return leftMs <= 0 ? "<expired>" : formatElapsed(leftMs);
}
