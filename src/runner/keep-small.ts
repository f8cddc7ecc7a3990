import type { System } from "../system/system.ts";
import type { PodStore } from "./types.ts";

/** Ours: what pods do when they start is over within this, mostly. */
const CALM_MS = 5_000;

/** Ours: with 500 pods the runner stands still for 130 ms each time. */
const LEAST_INTERVAL_MS = 60_000;

/**
 * Gives memory back whenever nothing has changed for a while, once a minute at most: starting a pod needs far more than
 * holding it.
 */
export function keepSmall(
  system: Pick<System, "clock" | "host">,
  store: Pick<PodStore, "onChange">,
): { close(): void } {
  let cancel = (): void => undefined;
  let closed = false;
  let notBeforeMs = 0;
  const release = (): void => {
    notBeforeMs = system.clock.monotonicMs() + LEAST_INTERVAL_MS;
    void system.host.releaseMemory();
  };
  const wait = (): void => {
    cancel();
    const pauseMs = Math.max(CALM_MS, notBeforeMs - system.clock.monotonicMs());
    if (!closed) cancel = system.clock.after(pauseMs, release);
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
