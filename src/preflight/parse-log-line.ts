import { isObject } from "../core/json.ts";

/** One line of a component's log, whatever wrote it. */
export interface LogLine {
  /** `fatal`: the program ended with it. `plain`: it is in no format that we know. */
  readonly severity: "fatal" | "error" | "warning" | "info" | "plain";
  /** What it says, without time, place and stack. */
  readonly text: string;
}

/**
 * A line of klog text (the Kubernetes components), of zap JSON (etcd), or of what Go's runtime, flag parsers and a
 * shell print. Source: k8s.io/klog/v2 textlogger, component-base/cli/run.go, go.uber.org/zap JSON encoder.
 */
export function parseLogLine(line: string): LogLine {
  return parseZap(line) ?? parseKlog(line) ?? parsePlain(line);
}

const ZAP_SEVERITIES: ReadonlyMap<string, LogLine["severity"]> = new Map(
  Object.entries({
    fatal: "fatal",
    panic: "fatal",
    dpanic: "error",
    error: "error",
    warn: "warning",
  }),
);

function parseZap(line: string): LogLine | undefined {
  if (!line.startsWith("{")) return undefined;
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(fields) || typeof fields["msg"] !== "string") return undefined;
  const { msg, error, path, level } = fields;
  const object = typeof path === "string" ? ` (${path})` : "";
  const reason = typeof error === "string" ? `: ${error}` : "";
  return { severity: ZAP_SEVERITIES.get(String(level)) ?? "info", text: `${msg}${object}${reason}` };
}

const KLOG = /^([IWEF])\d{4} [\d:.]+\s+\d+ [^\s\]]+\] (.*)$/;
const KLOG_SEVERITIES: Readonly<Record<string, LogLine["severity"]>> = {
  F: "fatal",
  E: "error",
  W: "warning",
};

function parseKlog(line: string): LogLine | undefined {
  const match = KLOG.exec(line);
  if (match === null) return undefined;
  const [, letter = "", body = ""] = match;
  const structured = /^("(?:[^"\\]|\\.)*") err=("(?:[^"\\]|\\.)*")/.exec(body);
  if (structured === null) return { severity: KLOG_SEVERITIES[letter] ?? "info", text: body };
  const message = unquote(structured[1] ?? "");
  const reason = unquote(structured[2] ?? "");
  if (message === "command failed") return { severity: "fatal", text: reason };
  return { severity: KLOG_SEVERITIES[letter] ?? "info", text: `${message}: ${reason}` };
}

const PLAIN_FATAL = /^(?:panic: |fatal error: |Error: |flag provided but not defined: |invalid value )/;

function parsePlain(line: string): LogLine {
  return { severity: PLAIN_FATAL.test(line) ? "fatal" : "plain", text: line.trim() };
}

/** Go's %q is JSON for all but rare escapes; those stay as they are written. */
function unquote(quoted: string): string {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : quoted;
  } catch {
    return quoted.slice(1, -1);
  }
}
