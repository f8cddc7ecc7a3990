import type { System } from "./system.ts";

/** Resolves when the work is done or the time is over, whichever comes first; rejects as the work does. */
export function waitAtMost(
  system: Pick<System, "clock">,
  { work, leftMs }: { readonly work: Promise<unknown>; readonly leftMs: number | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = leftMs === undefined ? () => undefined : system.clock.after(leftMs, resolve);
    work.then(() => resolve(), reject).finally(cancel);
  });
}
