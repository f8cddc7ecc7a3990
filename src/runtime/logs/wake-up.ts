import type { Clock } from "../../system/clock.ts";
import type { System } from "../../system/system.ts";
import { LOG_STREAMS } from "./format-log-lines.ts";
import type { Spool, SpoolSizes } from "./spool.ts";

/** Where inotify cannot be had, the spools are looked at this often. */
const POLL_MS = 1_000;

/** Ends somebody's wait. A `fire` while nobody waits ends the next wait at once. */
export interface WakeUp {
  fire(): void;
  wait(): Promise<void>;
  /** Waits for `fire`, but no longer than this. */
  sleep(ms: number): Promise<void>;
}

/** A wake-up for one waiter. */
export function createWakeUp(clock: Clock): WakeUp {
  let fired = false;
  let resume: (() => void) | undefined;
  const fire = (): void => {
    fired = true;
    resume?.();
  };
  const wait = async (): Promise<void> => {
    if (!fired) {
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    }
    resume = undefined;
    fired = false;
  };
  return {
    fire,
    wait,
    sleep: async (ms) => {
      const cancel = clock.after(ms, fire);
      await wait();
      cancel();
    },
  };
}

/**
 * Waits until a spool has other than the sizes seen, or the wake-up fires. The watch is set first and lives only
 * as long as nothing comes: a container that writes much causes no event for each write.
 */
export async function waitForWrite(
  system: System,
  options: {
    readonly wakeUp: WakeUp;
    readonly spoolDir: string;
    readonly spool: Spool;
    readonly seen: SpoolSizes;
  },
): Promise<void> {
  const { wakeUp, seen } = options;
  let cancelPoll = (): void => undefined;
  const watch = system.fs.watch(options.spoolDir, {
    onChange: wakeUp.fire,
    onError: () => {
      cancelPoll = system.clock.after(POLL_MS, wakeUp.fire);
    },
  });
  try {
    const sizes = await options.spool.sizes();
    if (LOG_STREAMS.every((stream) => sizes[stream] === seen[stream])) await wakeUp.wait();
  } finally {
    watch.close();
    cancelPoll();
  }
}
