import { setTimeout as sleep } from "node:timers/promises";
import { LONGEST_TIMER_MS } from "../core/duration.ts";

/** Time. Wall time may jump; monotonic time never does and is for measuring and waiting. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  nowMs(): number;
  /** Milliseconds since some fixed moment of this process. */
  monotonicMs(): number;
  /** Milliseconds of CPU that this process has used, user and system, all threads. */
  cpuMs(): number;
  /** Resolves after `ms`. Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms`; the returned function cancels. Does not keep the process alive by itself. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's clock. */
export function createClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    sleep: async (ms, signal) => {
      try {
        for (let leftMs = Math.max(0, ms); leftMs >= 0; leftMs -= LONGEST_TIMER_MS)
          await sleep(Math.min(leftMs, LONGEST_TIMER_MS), undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : error;
      }
    },
    after: (ms, callback) => {
      let timer: NodeJS.Timeout | undefined;
      const wait = (leftMs: number): void => {
        const next = leftMs > LONGEST_TIMER_MS ? () => wait(leftMs - LONGEST_TIMER_MS) : callback;
        timer = setTimeout(next, Math.min(leftMs, LONGEST_TIMER_MS));
        timer.unref();
      };
      wait(ms);
      return () => clearTimeout(timer);
    },
  };
}
