import { messageOf } from "../core/errors.ts";
import type { Clock } from "../system/clock.ts";
import type { System } from "../system/system.ts";
import type { Processes, ProcessIdentity } from "./processes.ts";
import type { StopOptions } from "./types.ts";

/** Ends one container, however many ask for it. */
export interface Stopper {
  /**
   * SIGTERM at the first call unless it was sent before, then SIGCONT, so that a process that was stopped takes it at
   * once; SIGKILL to its group at the earliest deadline that was asked for. Source: systemd.kill(5) KillSignal=
   * (containerd sends no SIGCONT: a stopped container there takes its whole grace period).
   */
  stop(options: StopOptions): Promise<void>;
  close(): void;
}

/** A stopper for a process; `ended` resolves when nothing of the container lives. */
export function createStopper(
  system: System,
  options: {
    readonly processes: Processes;
    readonly identity: ProcessIdentity;
    readonly ended: Promise<void>;
  },
): Stopper {
  let deadlineMs = Number.POSITIVE_INFINITY;
  let cancelKill = (): void => undefined;
  const send = async (signal: "SIGTERM" | "SIGCONT" | "SIGKILL"): Promise<void> => {
    try {
      await options.processes.signal(options.identity, { signal, group: signal === "SIGKILL" });
    } catch (error) {
      system.log.warn("cannot signal a container", {
        pid: options.identity.pid,
        signal,
        error: messageOf(error),
      });
    }
  };
  return {
    stop: async ({ graceSeconds, signalSent = false }) => {
      const asked = system.clock.monotonicMs() + graceSeconds * 1_000;
      const first = deadlineMs === Number.POSITIVE_INFINITY;
      if (asked < deadlineMs) {
        deadlineMs = asked;
        cancelKill();
        cancelKill = system.clock.after(graceSeconds * 1_000, () => void send("SIGKILL"));
      }
      if (first && !signalSent) {
        await send("SIGTERM");
        await send("SIGCONT");
      }
      await holdUntil(system.clock, options.ended);
      cancelKill();
    },
    close: () => cancelKill(),
  };
}

/** Timers and watches that tell of an exit keep no process alive, and a command may have nothing else to do. */
async function holdUntil(clock: Clock, ended: Promise<void>): Promise<void> {
  const held = new AbortController();
  void ended.then(() => held.abort());
  while (!held.signal.aborted) await clock.sleep(HOLD_MS, held.signal).catch(() => undefined);
}

/** Any long time will do. */
const HOLD_MS = 60_000;
