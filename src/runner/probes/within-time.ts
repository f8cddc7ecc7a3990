import { toTimerMs } from "../../core/duration.ts";

/**
 * What `work` comes to, under a signal that aborts with the given one or, with the time as its reason, when `timeoutMs`
 * have passed from the call (undefined: never). Neither timer nor listener is left behind: the given signal may live long.
 */
export async function withinTime<T>(
  limit: { readonly timeoutMs: number | undefined; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs, signal } = limit;
  const ending = new AbortController();
  const stop = (): void => ending.abort(signal.reason);
  const giveUp = (): void => ending.abort(new Error(`no answer within ${timeoutMs} ms`));
  const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, toTimerMs(timeoutMs));
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
