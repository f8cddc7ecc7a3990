import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { Processes, ProcessIdentity } from "./processes.ts";

/** Ends one container, however many ask for it. */
export interface Stopper {
  /** SIGTERM at the first call; SIGKILL to its group at the earliest deadline that was asked for. */
  stop(graceSeconds: number): Promise<void>;
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
  const send = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
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
    stop: async (graceSeconds) => {
      const asked = system.clock.monotonicMs() + graceSeconds * 1_000;
      const first = deadlineMs === Number.POSITIVE_INFINITY;
      if (asked < deadlineMs) {
        deadlineMs = asked;
        cancelKill();
        cancelKill = system.clock.after(graceSeconds * 1_000, () => void send("SIGKILL"));
      }
      if (first) await send("SIGTERM");
      await options.ended;
      cancelKill();
    },
    close: () => cancelKill(),
  };
}
