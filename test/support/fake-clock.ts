import type { Clock } from "../../src/system/clock.ts";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves time on, running what falls due in order, with room for promises to settle between two timers. */
  advance(ms: number): Promise<void>;
  /** Puts the wall clock forward or back, as NTP may; nothing else notices. */
  step(ms: number): void;
  /** How many sleeps and timers are waiting. */
  waiting(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** A fake clock, of a process that uses half of a core, that begins at `startMs` (default 2026-11-22 17:00 UTC). */
export function createFakeClock(options: { readonly startMs?: number } = {}): FakeClock {
  let startMs = options.startMs ?? Date.UTC(2026, 10, 22, 17);
  let elapsedMs = 0;
  const timers = new Set<Timer>();
  const after = (ms: number, callback: () => void): (() => void) => {
    const timer: Timer = { dueMs: elapsedMs + ms, run: callback };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  const advance = async (ms: number): Promise<void> => {
    const untilMs = elapsedMs + ms;
    await settle();
    for (let next = earliest(timers, untilMs); next !== undefined; next = earliest(timers, untilMs)) {
      elapsedMs = Math.max(elapsedMs, next.dueMs);
      timers.delete(next);
      next.run();
      await settle();
    }
    elapsedMs = untilMs;
  };
  return {
    nowMs: () => startMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    cpuMs: () => elapsedMs / 2,
    sleep: (ms, signal) => sleepUntilDue({ ms, after, ...(signal === undefined ? {} : { signal }) }),
    after,
    advance,
    step: (ms) => {
      startMs += ms;
    },
    waiting: () => timers.size,
  };
}

function earliest(timers: ReadonlySet<Timer>, untilMs: number): Timer | undefined {
  const due = [...timers].filter((timer) => timer.dueMs <= untilMs);
  return due.sort((left, right) => left.dueMs - right.dueMs)[0];
}

function sleepUntilDue(options: {
  readonly ms: number;
  readonly after: Clock["after"];
  readonly signal?: AbortSignal;
}): Promise<void> {
  const { ms, after, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Lets pending promises and one turn of I/O callbacks run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Moves time on by `stepMs` whenever something waits for it, until the work has ended, well or badly. */
export async function advanceUntilDone(
  clock: FakeClock,
  work: { readonly done: Promise<unknown>; readonly stepMs?: number },
): Promise<void> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  work.done.then(end, end);
  while (!ended) {
    if (clock.waiting() > 0) await clock.advance(work.stepMs ?? 100);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}
