const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|[\u00b5\u03bc]s|ms|s|m|h)/gy;

/** The longest duration of Go, in ms: 2^63 - 1 ns, some 292 years. */
const MAX_MS = 2 ** 63 / 1e6;

/**
 * Milliseconds of a Go duration such as `4m0s`, `1.5h` or `300ms`; `0` needs no unit; undefined when it is none, or more
 * than Go can hold. Source: Go time.ParseDuration.
 */
export function parseDurationMs(text: string): number | undefined {
  const negative = text.startsWith("-");
  const body = negative || text.startsWith("+") ? text.slice(1) : text;
  if (body === "0") return 0;
  let total = 0;
  let end = 0;
  for (const match of body.matchAll(PART)) {
    total += Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? Number.NaN);
    end = match.index + match[0].length;
  }
  if (end === 0 || end !== body.length || total >= MAX_MS) return undefined;
  return negative ? -total : total;
}

/** A duration as Go prints it: `4m0s`, `24h0m0s`, `1.5s`, `300ms`. Source: Go time.Duration.String. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1000) return `${trimNumber(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = trimNumber((ms % 60_000) / 1000);
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

/**
 * A duration for people: `340 ms`, `3.4 s`, `2m 05s`, `3h 12m`, `41d`; `<invalid>`, as kubectl has it, of what a clock that
 * was set back has still ahead. Source: apimachinery util/duration HumanDuration.
 */
export function formatElapsed(ms: number): string {
  if (ms <= -2000) return "<invalid>";
  if (Math.round(ms) < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.max(60, Math.floor(ms / 1000));
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  if (ms < 172_800_000)
    return `${Math.floor(ms / 3_600_000)}h ${pad(Math.floor((ms % 3_600_000) / 60_000))}m`;
  return `${Math.floor(ms / 86_400_000)}d`;
}

/** The longest that a timer of Node can be set to, some 24 days: one that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time limit as Node's timers take it: whole milliseconds, and no longer than they can. */
export function toTimerMs(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_TIMER_MS);
}

function trimNumber(value: number): string {
  return String(Number(value.toFixed(6)));
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
