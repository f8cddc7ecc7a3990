import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import { parseOwnJson } from "../own-json.ts";
import type { LogStream } from "./format-log-lines.ts";

/**
 * How far a container's output has come: the bytes of each spool that are in the log, and the live log's size with
 * exactly these. All three change in one rename, after the log was written and before it goes on: whoever reads them
 * cuts the log to the size and reads on from the offsets, and no line is lost or doubled.
 */
export interface LogState {
  readonly offsets: { readonly [stream in LogStream]: number };
  readonly sizeBytes: number;
}

/** Nothing read. A log that is there already is another container's, of a pod that was removed and came back: it stays. */
const FIRST_LOG_STATE: LogState = {
  offsets: { stdout: 0, stderr: 0 },
  sizeBytes: Number.MAX_SAFE_INTEGER,
};

/**
 * All that is there is read, and nothing is cut off: for a state that cannot be read. A machine that lost its power
 * leaves one, and what its containers wrote last is lost with it.
 */
const UNKNOWN_LOG_STATE: LogState = {
  offsets: { stdout: Number.MAX_SAFE_INTEGER, stderr: Number.MAX_SAFE_INTEGER },
  sizeBytes: Number.MAX_SAFE_INTEGER,
};

/** Where a reader of spools of these sizes goes on: a spool that is shorter than what was read of it begins anew. */
export function resumeOffsets({ offsets }: LogState, sizes: LogState["offsets"]): LogState["offsets"] {
  const resume = (stream: LogStream): number => {
    if (offsets[stream] === Number.MAX_SAFE_INTEGER) return sizes[stream];
    return offsets[stream] > sizes[stream] ? 0 : offsets[stream];
  };
  return { stdout: resume("stdout"), stderr: resume("stderr") };
}

/** Reads the state; nothing was committed yet when there is none. */
export async function readLogState(system: System, path: string): Promise<LogState> {
  const text = await system.fs.readTextIfExists(path);
  return text === undefined ? FIRST_LOG_STATE : (parseLogState(text) ?? UNKNOWN_LOG_STATE);
}

/** Replaces the state. It need not survive the machine, for its containers do not. */
export async function writeLogState(
  system: System,
  options: { readonly path: string; readonly state: LogState },
): Promise<void> {
  const data = JSON.stringify(options.state);
  await system.fs.writeAtomic(options.path, { data, mode: 0o600, durable: false });
}

function parseLogState(text: string): LogState | undefined {
  const value = parseOwnJson(text);
  const offsets = isObject(value) ? value["offsets"] : undefined;
  if (!isObject(value) || !isObject(offsets)) return undefined;
  const { sizeBytes } = value;
  const { stdout, stderr } = offsets;
  if (!isSize(stdout) || !isSize(stderr) || !isSize(sizeBytes)) return undefined;
  return { offsets: { stdout, stderr }, sizeBytes };
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
