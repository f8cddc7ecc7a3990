import { redactSecrets } from "../core/redact.ts";

/** How important an event is. `info` is what changed, `debug` is why. */
export type LogLevel = "error" | "warn" | "info" | "debug";

/** Values that belong to an event; undefined ones are left out. None takes the place of the message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly message?: never;
};

/** Writes one line an event. A steady state logs nothing. */
export type Log = { readonly [level in LogLevel]: (message: string, fields?: LogFields) => void };

/** One event on its way to a line. */
export interface LogEvent {
  readonly atMs: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const ORDER: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** For what is only of interest in a runner's log. */
export const SILENT_LOG: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};

/** A log that hands each line (newline included, secrets hidden) of at least `level` to `write`. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly format: (event: LogEvent) => string;
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
}): Log {
  const limit = ORDER.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (ORDER.indexOf(level) > limit) return;
      options.write(`${redactSecrets(options.format({ atMs: options.nowMs(), level, message, fields }))}\n`);
    };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

/** `2026-11-22T17:00:00.000Z info message key=value key="two words"` */
export function formatLogText(event: LogEvent): string {
  const fields = Object.entries(event.fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${quoteWhenNeeded(String(value))}`);
  return `${new Date(event.atMs).toISOString()} ${event.level} ${event.message}${fields.join("")}`;
}

/** The event as one JSON object: time, level, message, then its fields. */
export function formatLogJson(event: LogEvent): string {
  const { atMs, level, message, fields } = event;
  return JSON.stringify({ time: new Date(atMs).toISOString(), level, message, ...fields });
}

function quoteWhenNeeded(value: string): string {
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
