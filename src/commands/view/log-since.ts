import { parseDurationMs } from "../../core/duration.ts";
import { SlipwayError } from "../../core/errors.ts";

/** From when on a log is wanted. */
export interface LogSince {
  /** A Go duration. */
  readonly since?: string;
  /** RFC 3339. */
  readonly sinceTime?: string;
}

/** Source: RFC 3339 section 5.6. */
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** The moment in milliseconds since 1970, or undefined for all. Raises SLIPWAY_USAGE. */
export function parseLogSince(options: LogSince & { readonly nowMs: number }): number | undefined {
  const { since, sinceTime } = options;
  if (since !== undefined && sinceTime !== undefined) {
    const why = "each says from when on";
    throw usageError({
      what: "--since and --since-time do not go together",
      why,
      fix: "leave one of them out",
    });
  }
  if (sinceTime !== undefined) {
    const ms = RFC3339.test(sinceTime) ? Date.parse(sinceTime) : Number.NaN;
    if (!Number.isNaN(ms)) return ms;
    const why = "it is no time as RFC 3339 has it";
    throw usageError({
      what: `cannot read --since-time ${sinceTime}`,
      why,
      fix: "write it as 2026-11-22T17:00:00Z",
    });
  }
  if (since === undefined) return undefined;
  const ms = parseDurationMs(since);
  if (ms !== undefined && ms >= 0) return options.nowMs - ms;
  const why = "it is no duration";
  throw usageError({ what: `cannot read --since ${since}`, why, fix: "write it as 10s, 5m or 1h30m" });
}

function usageError(failure: {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}): SlipwayError {
  return new SlipwayError({ code: "SLIPWAY_USAGE", ...failure });
}
