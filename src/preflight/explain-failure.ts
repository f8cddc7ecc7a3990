import { CONTROL_PLANE_COMPONENTS } from "../core/constants.ts";
import { toOneLine } from "../core/one-line.ts";
import { redactSecrets } from "../core/redact.ts";
import type { FailurePattern } from "./failure-pattern.ts";
import { CAUSES, IDLE, LEADERLESS, LONELY, SYMPTOMS } from "./failure-patterns.ts";
import { type LogLine, parseLogLine } from "./parse-log-line.ts";

/** Why a component ended or does not get ready. */
export interface FailureExplanation {
  /** The line of its log that matters, without time and place; empty when it left none. */
  readonly decisiveLine: string;
  /** Undefined when the line is not one that we know. */
  readonly cause: string | undefined;
  readonly fix: string | undefined;
  /** Starting it again cannot help. */
  readonly permanent: boolean;
  /** It may lie in what its manifest says; true of what we do not know. */
  readonly inManifest: boolean;
  /** A port that it could not have, because somebody else listens there. */
  readonly taken?: { readonly host: string; readonly port: number };
  /** Where nobody answered it. */
  readonly silentAddress?: string;
}

/** A line of a component's log and when it was written. */
export interface TimedLine {
  readonly atMs: number;
  readonly line: string;
}

/**
 * What was complained of longer ago than this is over: gRPC, the most patient that we know, tries a connection again
 * after two minutes, give or take a fifth. Source: google.golang.org/grpc/backoff DefaultConfig.
 */
const COMPLAINT_MS = 145_000;

/**
 * Why a component ended, from how it ended and the last lines of its log, oldest first. First the line it died with
 * is looked up, then what it complained of shortly before; else that line, or its last error, stands for itself. One that
 * was killed had no last word. Undefined when there is nothing to tell. `exitCode` and `signal` are undefined while it runs.
 */
export function explainFailure(options: {
  readonly component: string;
  readonly exitCode: number | undefined;
  readonly signal: number | undefined;
  /** The kernel killed it for want of memory; `limit` is what its container may use, when it has a limit. */
  readonly outOfMemory?: { readonly limit: string | undefined } | undefined;
  readonly lines: readonly TimedLine[];
  /** When it ended, or now. */
  readonly untilMs: number;
}): FailureExplanation | undefined {
  const { component, untilMs } = options;
  if (options.outOfMemory !== undefined) return { decisiveLine: "", ...describeNoMemory(options) };
  if (isKilled(options)) return { decisiveLine: "", ...KILLED, permanent: false, inManifest: false };
  const lines = placePanics(options.lines.map(parseLine).filter(({ text }) => text !== ""));
  const last = selectDecisive(lines);
  const decisiveLine = redactSecrets(last?.text ?? "");
  const complaints = lines.filter(isOwnComplaint).filter(({ atMs }) => untilMs - atMs <= COMPLAINT_MS);
  const fatal = lines.filter(({ severity }) => severity === "fatal");
  const symptomsOnly = fatal.every(({ text }) => SYMPTOMS.some(({ pattern }) => pattern.test(text)));
  // Who was told to end did not end for what it complained of.
  const doubt = !symptomsOnly || wasToldToEnd(options);
  return (
    lookUp(CAUSES, { lines: fatal, component }) ??
    withDoubt(lookUp(CAUSES, { lines: complaints, component }), { doubt }) ??
    lookUp(SYMPTOMS, { lines: [...complaints, ...fatal], component, untilMs }) ??
    (last === undefined
      ? undefined
      : { decisiveLine, cause: undefined, fix: undefined, permanent: false, inManifest: true })
  );
}

/**
 * gRPC tries a connection again after a second, give or take a fifth, and then ever more rarely: the second complaint
 * counts, and a server that was only a moment late has none. Source: google.golang.org/grpc/backoff DefaultConfig.
 */
const LASTING_MS = 700;

/**
 * What a component that runs goes on complaining of, and what only a change can mend; undefined while there is no such
 * thing. The lines are those of one run, oldest first.
 */
export function explainLasting(options: {
  readonly component: string;
  readonly lines: readonly TimedLine[];
  /** Its own probes call it ready. */
  readonly ready?: true;
  /** Its cluster is new, so that nobody can have joined it yet. */
  readonly isNew?: boolean;
}): FailureExplanation | undefined {
  const { ready = false, isNew = false } = options;
  const complaints = options.lines.map(parseLine).filter(isOwnComplaint);
  const lasting = [...CAUSES, ...(ready ? IDLE : []), ...(isNew ? [LEADERLESS] : [])].filter(
    ({ livesOn, pattern }) => {
      const times = complaints.filter(({ text }) => pattern.test(text)).map(({ atMs }) => atMs);
      return livesOn === true && (times.at(-1) ?? 0) - (times[0] ?? 0) >= LASTING_MS;
    },
  );
  return lookUp(lasting, { lines: complaints, component: options.component });
}

/** Source: signal(7); a shell reports them as 128 + 9 and 128 + 15. */
const SIGKILL = 9;
const SIGTERM = 15;
const KILLED = {
  cause: "it was killed (SIGKILL), by hand or by the kernel when memory ran out",
  fix: "if nobody has done it by hand, look for the kernel's note: dmesg | grep -i 'out of memory'",
} as const;

/** A limit of its own is reached again by every start; a full machine may have room later. */
function describeNoMemory(options: {
  readonly component: string;
  readonly outOfMemory?: { readonly limit: string | undefined } | undefined;
}): Pick<FailureExplanation, "cause" | "fix" | "permanent" | "inManifest"> {
  const { component } = options;
  const limit = options.outOfMemory?.limit;
  const isControlPlane = CONTROL_PLANE_COMPONENTS.some((name) => name === component);
  if (limit === undefined) {
    return {
      cause: "the kernel killed it, because the machine's memory ran out",
      fix: "see what takes it (ps aux --sort=-rss | head), and stop that or give the machine more memory",
      permanent: false,
      inManifest: false,
    };
  }
  return {
    cause: `the kernel killed it, because it needed more than the ${limit} of memory that its manifest allows`,
    fix: isControlPlane
      ? `raise resources.limits.memory of ${component} in the patches of the configuration, then: slipway init`
      : `raise resources.limits.memory of ${component} in its manifest`,
    permanent: true,
    inManifest: true,
  };
}

interface End {
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
}

function isKilled(end: End): boolean {
  return end.signal === SIGKILL || end.exitCode === 128 + SIGKILL;
}

/** Whether a program ended because somebody asked it to, and it did not say how else. */
export function wasToldToEnd(end: End): boolean {
  return end.signal === SIGTERM || end.exitCode === 128 + SIGTERM;
}

/** A line of a log, read. */
type ParsedLine = LogLine & Pick<TimedLine, "atMs">;

function parseLine({ atMs, line }: TimedLine): ParsedLine {
  const { severity, text } = parseLogLine(line);
  return { atMs, severity, text: toOneLine(text) };
}

/** Where a program of Go ended is told below the line that says of what, which alone may mean anything. */
function placePanics(lines: readonly ParsedLine[]): readonly ParsedLine[] {
  return lines.map((line, index) => {
    if (line.severity !== "fatal" || !GO_PANIC.test(line.text)) return line;
    const below = lines.slice(index + 1, index + 1 + FRAME_LINES).map(({ text }) => text);
    const start = below.findIndex((text) => /^goroutine \d+ .*\[running/.test(text));
    const frame = start === -1 ? undefined : below.slice(start + 1).find((text) => FRAME.test(text));
    const place = FRAME.exec(frame ?? "")?.[1];
    return place === undefined ? line : { ...line, text: `${line.text}, in ${place}` };
  });
}

const GO_PANIC = /^(?:panic|fatal error): /;

/** How far below it may be: the signal, the goroutine, and two lines for each function of Go's own. */
const FRAME_LINES = 12;

/** The function of a stack's line, but for those of Go's runtime. Source: Go runtime/traceback.go. */
const FRAME = /^(?!runtime\.|panic\()([\w./-]+(?:\(\*\w+\))?[\w.]*)\(/;

function lookUp(
  patterns: readonly FailurePattern[],
  options: {
    readonly lines: readonly ParsedLine[];
    readonly component: string;
    readonly untilMs?: number;
  },
): FailureExplanation | undefined {
  const { lines, component, untilMs = 0 } = options;
  for (const {
    pattern,
    permanent,
    inManifest = false,
    explain,
    withinMs = Number.POSITIVE_INFINITY,
  } of patterns) {
    const line = lines.findLast(({ atMs, text }) => untilMs - atMs <= withinMs && pattern.test(text));
    const match = line === undefined ? null : pattern.exec(line.text);
    if (line === undefined || match === null) continue;
    const groups = [...match].map((group) => group ?? "");
    return { decisiveLine: redactSecrets(line.text), ...explain(groups, component), permanent, inManifest };
  }
  return undefined;
}

/** A complaint before a death by something unknown is a likely cause, but no ground to give up. */
function withDoubt(
  explanation: FailureExplanation | undefined,
  { doubt }: { readonly doubt: boolean },
): FailureExplanation | undefined {
  return explanation === undefined || !doubt ? explanation : { ...explanation, permanent: false };
}

/** A server also logs the faults of those who call it: these do not make it fail. */
function isOwnComplaint({ severity, text }: LogLine): boolean {
  if (severity === "info" && !text.includes("[wal]") && !LONELY.test(text)) return false;
  return !/rejected connection on|TLS handshake error from|Unable to authenticate the request/.test(text);
}

/** What it died with: the first fatal line, for a stack follows it; else its last error; else its last line. */
function selectDecisive(lines: readonly LogLine[]): LogLine | undefined {
  return (
    lines.find(({ severity }) => severity === "fatal") ??
    lines.findLast(({ severity }) => severity === "error") ??
    lines.at(-1)
  );
}
