import { messageOf } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";

/** A job that is done again and again, one pass at a time. */
export interface Loop {
  /** Makes the next pass come at once. */
  wake(): void;
  /** Resolves when a pass that begins after this call has ended, or the loop. */
  passed(): Promise<void>;
  /** Aborts the pass's signal and resolves when the pass that is under way has ended. */
  close(): Promise<void>;
}

/** After a pass that failed with a bug, so that it does not fill the log. */
const BUG_DELAY_MS = 10_000;

/**
 * Runs `pass` at once, after the delay in milliseconds that it returned, and whenever the loop is woken. A pass that
 * throws is logged and tried again later: no error of one job may end the runner.
 */
export function startLoop(
  system: Pick<System, "clock" | "log">,
  options: { readonly name: string; readonly pass: (signal: AbortSignal) => Promise<number> },
): Loop {
  const stopping = new AbortController();
  let woken = false;
  let endWait = (): void => undefined;
  let waiters: (() => void)[] = [];

  const runPass = async (): Promise<number> => {
    try {
      return await options.pass(stopping.signal);
    } catch (error) {
      if (!stopping.signal.aborted)
        system.log.error("unexpected failure", { job: options.name, error: messageOf(error) });
      return BUG_DELAY_MS;
    }
  };
  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = system.clock.after(delayMs, resolve);
      endWait = () => {
        cancel();
        resolve();
      };
    });
  const releaseAfter = async <T>(work: () => Promise<T>): Promise<T> => {
    const released = waiters;
    waiters = [];
    const result = await work();
    for (const release of released) release();
    return result;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      const delayMs = await releaseAfter(runPass);
      if (!woken && !stopping.signal.aborted) await wait(delayMs);
    }
  };
  // Not before the caller has the loop in its hands: a pass may wake it.
  const done = Promise.resolve().then(run);
  const wake = (): void => {
    woken = true;
    endWait();
  };

  return {
    wake,
    passed: () => {
      const passed = new Promise<void>((resolve) => waiters.push(resolve));
      wake();
      return Promise.race([passed, done]);
    },
    close: () => {
      stopping.abort(new Error("the runner is stopping"));
      endWait();
      return done;
    },
  };
}
