import type { LogLimits } from "./plan-rotation.ts";

/** As much as one spool may hold before its reader jumps over what is too much (design D4). */
export const SPOOL_CAP_BYTES = 1024 * 1024 * 1024;

/**
 * While no runner lives so much at the end of a spool is never given back: more than a usual log keeps, so that the next
 * runner may have other limits.
 */
export const SPOOL_LEFT_BYTES = SPOOL_CAP_BYTES / 2;

/** What a log can hold with its rotated files. */
export function keptBytesOf({ maxSizeBytes, maxFiles }: LogLimits): number {
  return maxSizeBytes * Math.max(1, maxFiles);
}

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
  if (options.limits.maxSizeBytes <= 0) return 0;
  const keptBytes = keptBytesOf(options.limits);
  const allowedBytes = options.final ? keptBytes : Math.max(keptBytes, SPOOL_CAP_BYTES);
  return pendingBytes > allowedBytes ? pendingBytes - keptBytes : 0;
}
