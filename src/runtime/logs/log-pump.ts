import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import { LOG_STREAMS } from "./format-log-lines.ts";
import { readLogState } from "./log-state.ts";
import { closeWork, type LogPumpOptions, moveOutput, openWork, type Work } from "./move-output.ts";
import { spoolPath } from "./spool.ts";
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
        const moved = await moveOutput(system, { work, options, final });
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
