import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
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

/** Nothing read, nothing written. */
export const EMPTY_LOG_STATE: LogState = { offsets: { stdout: 0, stderr: 0 }, sizeBytes: 0 };

/** Reads the state; nothing was committed yet when there is none. */
export async function readLogState(system: System, path: string): Promise<LogState> {
  return parseLogState((await system.fs.readTextIfExists(path)) ?? "") ?? EMPTY_LOG_STATE;
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
  if (text === "") return undefined;
  const value: unknown = JSON.parse(text);
  const offsets = isObject(value) ? value["offsets"] : undefined;
  if (!isObject(value) || !isObject(offsets)) return undefined;
  const { sizeBytes } = value;
  const { stdout, stderr } = offsets;
  if (typeof stdout !== "number" || typeof stderr !== "number" || typeof sizeBytes !== "number")
    return undefined;
  return { offsets: { stdout, stderr }, sizeBytes };
}
