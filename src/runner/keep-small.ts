import type { System } from "../system/system.ts";
import type { PodStore } from "./types.ts";

/** Ours: what pods do when they start is over within this, mostly. */
const CALM_MS = 5_000;

/** Ours: with 500 pods the runner stands still for 130 ms each time. */
const LEAST_INTERVAL_MS = 60_000;

/** Ours: many pods that start need more than this, one that flaps does not. */
const MUCH_MORE = 1.25;

/**
 * Gives memory back whenever nothing has changed for a while: starting a pod needs far more than holding it. Once a
 * minute at most, unless it holds much more than the last time.
 */
export function keepSmall(
  system: Pick<System, "clock" | "host">,
  store: Pick<PodStore, "onChange">,
): { close(): void } {
  const { clock, host } = system;
  let cancel = (): void => undefined;
  let closed = false;
  let notBeforeMs = 0;
  let keptBytes = 0;
  const release = async (): Promise<void> => {
    notBeforeMs = clock.monotonicMs() + LEAST_INTERVAL_MS;
    await host.releaseMemory();
    keptBytes = host.residentBytes();
  };
  const settle = (): void => {
    const leftMs = notBeforeMs - clock.monotonicMs();
    if (leftMs > 0 && host.residentBytes() < MUCH_MORE * keptBytes) cancel = clock.after(leftMs, settle);
    else void release();
  };
  const wait = (): void => {
    cancel();
    if (!closed) cancel = clock.after(CALM_MS, settle);
  };
  store.onChange(wait);
  wait();
  return {
    close: () => {
      closed = true;
      cancel();
    },
  };
}
