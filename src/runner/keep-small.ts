import type { System } from "../system/system.ts";
import type { PodStore } from "./types.ts";

/** Ours: what pods do when they start is over within this, mostly. */
const CALM_MS = 5_000;

/** Gives memory back whenever nothing has changed for a while: starting a pod needs far more than holding it. */
export function keepSmall(
  system: Pick<System, "clock" | "host">,
  store: Pick<PodStore, "onChange">,
): { close(): void } {
  let cancel = (): void => undefined;
  let closed = false;
  const wait = (): void => {
    cancel();
    if (!closed) cancel = system.clock.after(CALM_MS, () => void system.host.releaseMemory());
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
