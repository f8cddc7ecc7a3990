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

/** Brings one container's output from its spools into its log. */
export interface LogPump {
  /** Resolves when all that is in the spools is in the log, an unfinished last line too. Ends the pump. */
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

/** Starts pumping from where the last pump got to. Never fails: what cannot be written yet is tried again. */
export function startLogPump(system: System, options: LogPumpOptions): LogPump {
  const wakeUp = createWakeUp(system.clock);
  let work: Work | undefined;
  let mode: "follow" | "finish" | "stop" = "follow";

  const follow = async (): Promise<void> => {
    while (mode !== "stop") {
      const final = mode === "finish";
      try {
        work ??= await openWork(system, options);
        const moved = await pumpOnce(system, { work, options, final });
        if (!moved && final) return;
        if (moved && !final) await wakeUp.sleep(GATHER_MS);
        if (!moved) await waitForWrite(system, { wakeUp, ...work, spoolDir: options.spoolDir });
      } catch (error) {
        system.log.warn("cannot write a container's log", { log: options.logPath, error: messageOf(error) });
        await work?.log.truncate(work.state.sizeBytes).catch(() => undefined);
        await wakeUp.sleep(RETRY_MS);
      }
    }
  };
  const done = follow().finally(() => closeWork(work));
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
