import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { formatLogLines, LOG_STREAMS } from "./format-log-lines.ts";
import { type LogFile, openLogFile } from "./log-file.ts";
import { type LogState, readLogState, writeLogState } from "./log-state.ts";
import type { LogLimits } from "./plan-rotation.ts";
import { openSpool, type Spool, type SpoolSizes, spoolPath } from "./spool.ts";
import { createWakeUp, waitForWrite } from "./wake-up.ts";

/** Under load output is gathered this long: cheap in CPU, and not yet felt by whoever follows the log. */
const GATHER_MS = 50;

/** After a failed write (a full disk), what could not be written is tried again this often; it waits in the spool. */
const RETRY_MS = 1_000;

/** A pump that is to finish gives up when nothing could be written for so long: whoever waits for it must go on. */
const GIVE_UP_MS = 5_000;

/** Brings one container's output from its spools into its log. */
export interface LogPump {
  /**
   * Resolves when all that is in the spools is in the log, an unfinished last line too, or when that could not be
   * written for five seconds. Ends the pump.
   */
  finish(): Promise<void>;
  /** Ends the pump where it is; another one can go on from there. */
  stop(): Promise<void>;
}

/** What a pump works on. */
export interface LogPumpOptions {
  readonly spoolDir: string;
  readonly statePath: string;
  readonly logPath: string;
  readonly limits: LogLimits;
}

/**
 * Starts pumping from where the last pump got to. Never fails: what cannot be written yet is tried again, and only the
 * first of failures in a row is logged.
 */
export function startLogPump(system: System, options: LogPumpOptions): LogPump {
  const wakeUp = createWakeUp(system.clock);
  let work: Work | undefined;
  let mode: "follow" | "finish" | "stop" = "follow";
  const attempts = createAttempts(system, options.logPath);

  const follow = async (): Promise<void> => {
    while (mode !== "stop") {
      const final = mode === "finish";
      try {
        work ??= await openWork(system, options);
        const moved = await pumpOnce(system, { work, options, final });
        attempts.succeeded();
        if (!moved && final) return;
        if (moved && !final) await wakeUp.sleep(GATHER_MS);
        if (!moved) await waitForWrite(system, { wakeUp, ...work, spoolDir: options.spoolDir });
      } catch (error) {
        await work?.log.truncate(work.state.sizeBytes).catch(() => undefined);
        if (attempts.failed({ error, final }) === "give up") return;
        await wakeUp.sleep(RETRY_MS);
      }
    }
  };
  const done = follow().then(() => closeWork(work).catch(attempts.tellFailure));
  const end = (as: "finish" | "stop"): Promise<void> => {
    mode = as;
    wakeUp.fire();
    return done;
  };
  return { finish: () => end("finish"), stop: () => end("stop") };
}

/** Whether the spools hold something that is not in the log yet. */
export async function hasPendingOutput(system: System, options: LogPumpOptions): Promise<boolean> {
  const { offsets } = await readLogState(system, options.statePath);
  for (const stream of LOG_STREAMS) {
    const spool = await system.fs.stat(spoolPath(options.spoolDir, stream));
    if (spool !== undefined && spool.sizeBytes > offsets[stream]) return true;
  }
  return false;
}

/** Counts failures in a row: the first is logged, and those of a pump that is to finish have an end. */
interface Attempts {
  readonly succeeded: () => void;
  readonly failed: (attempt: { readonly error: unknown; readonly final: boolean }) => "retry" | "give up";
  readonly tellFailure: (error: unknown) => void;
}

function createAttempts(system: Pick<System, "clock" | "log">, logPath: string): Attempts {
  let isFailing = false;
  let giveUpAtMs: number | undefined;
  const tellFailure = (error: unknown): void => {
    if (!isFailing)
      system.log.warn("cannot write a container's log", { log: logPath, error: messageOf(error) });
    isFailing = true;
  };
  return {
    tellFailure,
    succeeded: () => {
      isFailing = false;
      giveUpAtMs = undefined;
    },
    failed: ({ error, final }) => {
      tellFailure(error);
      if (!final) return "retry";
      giveUpAtMs ??= system.clock.monotonicMs() + GIVE_UP_MS;
      if (system.clock.monotonicMs() < giveUpAtMs) return "retry";
      system.log.warn("the last of a container's output did not come into its log", { log: logPath });
      return "give up";
    },
  };
}

/** Everything that is open, and how far it has come. */
interface Work {
  readonly spool: Spool;
  readonly log: LogFile;
  state: LogState;
  /** The spools' sizes that were last looked at: a change since means that there is something to read. */
  seen: SpoolSizes;
}

async function openWork(system: System, options: LogPumpOptions): Promise<Work> {
  const committed = await readLogState(system, options.statePath);
  const spool = await openSpool(system, options.spoolDir);
  let log: LogFile | undefined;
  try {
    log = await openLogFile(system, { path: options.logPath, ...committed, limits: options.limits });
    // A rotation that was cut off left a shorter log: its size must be known before it grows again.
    const state = { ...committed, sizeBytes: log.sizeBytes() };
    await writeLogState(system, { path: options.statePath, state });
    return { spool, log, state, seen: committed.offsets };
  } catch (error) {
    await log?.close();
    await spool.close();
    throw error;
  }
}

async function closeWork(work: Work | undefined): Promise<void> {
  await work?.log.close();
  await work?.spool.close();
}

/** Moves all that is there, a chunk at a time; false when there was nothing. */
async function pumpOnce(
  system: System,
  {
    work,
    options,
    final,
  }: { readonly work: Work; readonly options: LogPumpOptions; readonly final: boolean },
): Promise<boolean> {
  let moved = false;
  for (;;) {
    work.seen = await work.spool.sizes();
    const offsets = { ...work.state.offsets };
    const texts: Buffer[] = [];
    let more = false;
    for (const stream of LOG_STREAMS) {
      const chunk = await work.spool.read(stream, offsets[stream]);
      if (chunk.bytes.length === 0) continue;
      const lines = formatLogLines(chunk.bytes, {
        stream,
        atMs: system.clock.nowMs(),
        final: final && !chunk.more,
      });
      texts.push(lines.text);
      offsets[stream] += lines.consumedBytes;
      more ||= chunk.more;
    }
    const text = Buffer.concat(texts);
    if (text.length === 0) return moved;
    await work.log.append(text);
    await commit(system, { work, options, state: { offsets, sizeBytes: work.log.sizeBytes() } });
    if (await work.log.rotateWhenFull()) {
      await commit(system, { work, options, state: { offsets, sizeBytes: 0 } });
    }
    for (const stream of LOG_STREAMS) await work.spool.free(stream, offsets[stream]);
    moved = true;
    if (!more) return moved;
  }
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
