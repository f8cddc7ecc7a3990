import type { Clock } from "../system/clock.ts";

/** One try: done with a value, or what it saw instead. */
export type Attempt<T> =
  | { readonly done: true; readonly value: T }
  | { readonly done: false; readonly saw: string };

/** Time as a wait needs it. */
export type WaitClock = Pick<Clock, "monotonicMs" | "sleep">;

/**
 * Tries until done. After `timeoutMs` it raises what `onTimeout` makes of the last thing seen; an abort rejects with
 * the signal's reason; what a try throws is raised at once.
 */
export async function pollUntil<T>(
  clock: WaitClock,
  wait: {
    readonly timeoutMs: number;
    readonly intervalMs: number;
    readonly signal?: AbortSignal;
    readonly attempt: () => Promise<Attempt<T>>;
    readonly onTimeout: (saw: string) => Error;
  },
): Promise<T> {
  const deadline = clock.monotonicMs() + wait.timeoutMs;
  for (;;) {
    wait.signal?.throwIfAborted();
    const attempt = await wait.attempt();
    if (attempt.done) return attempt.value;
    if (clock.monotonicMs() + wait.intervalMs > deadline) throw wait.onTimeout(attempt.saw);
    await clock.sleep(wait.intervalMs, wait.signal);
  }
}
