import type { LogLimits } from "./plan-rotation.ts";

/** As much as one spool may hold before its reader jumps over what is too much (design D4). */
export const SPOOL_CAP_BYTES = 1024 * 1024 * 1024;

/**
 * How many of the pending bytes are jumped over: all but what the log can hold with its rotated files, as soon as
 * they are more than a spool may hold. Nothing is lost by it that the log would still have had. When the container has
 * ended nothing more comes, and whoever waits for the end need not wait for what rotation removes. A log without
 * bounds has all.
 */
export function planSkip(
  pendingBytes: number,
  options: { readonly limits: LogLimits; readonly final: boolean },
): number {
  const { maxSizeBytes, maxFiles } = options.limits;
  if (maxSizeBytes <= 0) return 0;
  const keptBytes = maxSizeBytes * Math.max(1, maxFiles);
  const allowedBytes = options.final ? keptBytes : Math.max(keptBytes, SPOOL_CAP_BYTES);
  return pendingBytes > allowedBytes ? pendingBytes - keptBytes : 0;
}
