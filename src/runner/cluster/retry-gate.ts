import { type BackOff, createBackOff } from "./back-off.ts";

/** Holds back what was tried and did not help, each thing by its own key and longer each time. */
export interface RetryGate {
  isOpen(key: string): boolean;
  /** Keeps a key shut for its next delay. */
  shut(key: string): void;
  forget(key: string): void;
  /** Milliseconds until the next key opens; Infinity when none is shut. */
  nextOpeningMs(): number;
}

interface Shut {
  readonly backOff: BackOff;
  untilMs: number;
}

/** A gate; a key that was left in peace for `forgetMs` after it opened begins again with the first delay. */
export function createRetryGate(options: {
  readonly nowMs: () => number;
  readonly firstMs: number;
  readonly maxMs: number;
  readonly forgetMs: number;
}): RetryGate {
  const keys = new Map<string, Shut>();
  return {
    isOpen: (key) => (keys.get(key)?.untilMs ?? 0) <= options.nowMs(),
    shut: (key) => {
      const nowMs = options.nowMs();
      const old = keys.get(key);
      const entry =
        old === undefined || nowMs - old.untilMs > options.forgetMs
          ? { backOff: createBackOff(options), untilMs: 0 }
          : old;
      entry.untilMs = nowMs + entry.backOff.nextMs();
      keys.set(key, entry);
    },
    forget: (key) => {
      keys.delete(key);
    },
    nextOpeningMs: () => {
      const nowMs = options.nowMs();
      const waits = [...keys.values()].map((entry) => entry.untilMs - nowMs).filter((wait) => wait > 0);
      return Math.min(Number.POSITIVE_INFINITY, ...waits);
    },
  };
}
