import type { System } from "../../system/system.ts";
import { formatLogLines, LOG_STREAMS, type LogStream } from "./format-log-lines.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { type LogState, readLogState, resumeOffsets, writeLogState } from "./log-state.ts";
import type { LogLimits } from "./plan-rotation.ts";
import { planSkip } from "./plan-skip.ts";
import { openSpool, type Spool, type SpoolSizes } from "./spool.ts";

/**
 * As much as is written in one go, in bytes of log lines: then the pump rests. Ours: with it a container that floods
 * its output takes 10 to 40 % of a core of the runner, and the others' probes and starts go on.
 */
const TURN_BYTES = 8 * 1024 * 1024;

/** What a pump works on. */
export interface LogPumpOptions {
  readonly spoolDir: string;
  readonly statePath: string;
  readonly logPath: string;
  readonly limits: LogLimits;
}

/** Everything that is open, and how far it has come. */
export interface Work {
  readonly spool: Spool;
  readonly log: LogFile;
  state: LogState;
  /** The spools' sizes that were last looked at: a change since means that there is something to read. */
  seen: SpoolSizes;
}

/** Opens the spools, and the log at the size that was last committed. */
export async function openWork(system: System, options: LogPumpOptions): Promise<Work> {
  const committed = await readLogState(system, options.statePath);
  const spool = await openSpool(system, options.spoolDir);
  let log: LogFile | undefined;
  try {
    log = await openLogFile(system, { path: options.logPath, ...committed, limits: options.limits });
    const seen = await spool.sizes();
    // A rotation that was cut off left a shorter log: its size must be known before it grows again.
    const state = { offsets: resumeOffsets(committed, seen), sizeBytes: log.sizeBytes() };
    await writeLogState(system, { path: options.statePath, state });
    return { spool, log, state, seen };
  } catch (error) {
    await log?.close();
    await spool.close();
    throw error;
  }
}

/** Closes what is open. */
export async function closeWork(work: Work | undefined): Promise<void> {
  await work?.log.close();
  await work?.spool.close();
}

/** A piece of work that moves output: `final` when the container has ended, so that its last line is complete. */
export interface Move {
  readonly work: Work;
  readonly options: LogPumpOptions;
  readonly final: boolean;
}

/** Moves what is there, a chunk at a time, until nothing is left or it has been much; false when there was nothing. */
export async function moveOutput(system: System, move: Move): Promise<boolean> {
  const { work, options } = move;
  for (let movedBytes = 0; ; ) {
    await lookAtSizes(work);
    const { text, offsets, more } = await readLines(system, move);
    if (text.length === 0) return movedBytes > 0;
    // The new file's size must be known before anything is in it.
    if (await work.log.renew()) {
      await commit(system, { work, options, state: { ...work.state, sizeBytes: work.log.sizeBytes() } });
    }
    await work.log.append(text);
    await commit(system, { work, options, state: { offsets, sizeBytes: work.log.sizeBytes() } });
    for (const stream of LOG_STREAMS) await work.spool.free(stream, offsets[stream]);
    movedBytes += text.length;
    if (!more || movedBytes >= TURN_BYTES) return true;
  }
}

/** A spool that is shorter than before was cut by its container, as a shell's `>/dev/stdout` does: it begins anew. */
async function lookAtSizes(work: Work): Promise<void> {
  const sizes = await work.spool.sizes();
  const offsetOf = (stream: LogStream): number =>
    sizes[stream] < work.seen[stream] ? 0 : work.state.offsets[stream];
  work.state = { ...work.state, offsets: { stdout: offsetOf("stdout"), stderr: offsetOf("stderr") } };
  work.seen = sizes;
}

interface ReadLines {
  readonly text: Buffer;
  /** The spools' offsets with the text in the log. */
  readonly offsets: LogState["offsets"];
  readonly more: boolean;
}

/** The next lines of both streams, a chunk each. */
async function readLines(system: System, { work, options, final }: Move): Promise<ReadLines> {
  const offsets = { ...work.state.offsets };
  const texts: Buffer[] = [];
  let more = false;
  for (const stream of LOG_STREAMS) {
    const atMs = system.clock.nowMs();
    const pendingBytes = work.seen[stream] - offsets[stream];
    const skipBytes = planSkip(pendingBytes, { limits: options.limits, final });
    if (skipBytes > 0) {
      const target = await work.spool.nextLineStart(stream, offsets[stream] + skipBytes);
      texts.push(formatSkipped({ stream, atMs, skippedBytes: target - offsets[stream] }));
      offsets[stream] = target;
    }
    const chunk = await work.spool.read(stream, offsets[stream]);
    if (chunk.bytes.length === 0) continue;
    const lines = formatLogLines(chunk.bytes, { stream, atMs, final: final && !chunk.more });
    texts.push(lines.text);
    offsets[stream] += lines.consumedBytes;
    more ||= chunk.more;
  }
  return { text: Buffer.concat(texts), offsets, more };
}

function formatSkipped(skipped: {
  readonly stream: LogStream;
  readonly atMs: number;
  readonly skippedBytes: number;
}): Buffer {
  const line = `slipway: ${skipped.skippedBytes} bytes of output are left out here: more came than the log holds\n`;
  return formatLogLines(Buffer.from(line), { ...skipped, final: true }).text;
}

async function commit(
  system: System,
  {
    work,
    options,
    state,
  }: { readonly work: Work; readonly options: LogPumpOptions; readonly state: LogState },
): Promise<void> {
  await writeLogState(system, { path: options.statePath, state });
  work.state = state;
}
