/** Delays that double from `firstMs` to `maxMs` until they are reset. */
export interface BackOff {
  nextMs(): number;
  reset(): void;
}

/** A new back-off; its first delay is `firstMs`. */
export function createBackOff(limits: { readonly firstMs: number; readonly maxMs: number }): BackOff {
  let delayMs = limits.firstMs;
  return {
    nextMs: () => {
      const now = delayMs;
      delayMs = Math.min(delayMs * 2, limits.maxMs);
      return now;
    },
    reset: () => {
      delayMs = limits.firstMs;
    },
  };
}
