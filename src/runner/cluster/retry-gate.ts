import { type BackOff, createBackOff } from "./back-off.ts";

/** Holds back what was tried and did not help, each thing by its own key and longer each time. */
export interface RetryGate {
  isOpen(key: string): boolean;
  /** Keeps a key shut for its next delay. */
  shut(key: string): void;
  forget(key: string): void;
  /** Milliseconds until the next key opens; 0 for one that was found shut and has opened since; else Infinity. */
  nextOpeningMs(): number;
}

interface Shut {
  readonly backOff: BackOff;
  untilMs: number;
  /** It was shut when it was last asked for. */
  foundShut: boolean;
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
    isOpen: (key) => {
      const entry = keys.get(key);
      if (entry === undefined) return true;
      entry.foundShut = entry.untilMs > options.nowMs();
      return !entry.foundShut;
    },
    shut: (key) => {
      const nowMs = options.nowMs();
      const old = keys.get(key);
      const entry =
        old === undefined || nowMs - old.untilMs > options.forgetMs
          ? { backOff: createBackOff(options), untilMs: 0, foundShut: false }
          : old;
      entry.untilMs = nowMs + entry.backOff.nextMs();
      entry.foundShut = false;
      keys.set(key, entry);
    },
    forget: (key) => {
      keys.delete(key);
    },
    nextOpeningMs: () => {
      const nowMs = options.nowMs();
      const waits = [...keys.values()].flatMap((entry) => {
        const waitMs = entry.untilMs - nowMs;
        if (waitMs > 0) return waitMs;
        const isNew = entry.foundShut;
        entry.foundShut = false;
        return isNew ? 0 : [];
      });
      return Math.min(Number.POSITIVE_INFINITY, ...waits);
    },
  };
}
