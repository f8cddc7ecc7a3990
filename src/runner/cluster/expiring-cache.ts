import type { System } from "../../system/system.ts";

/** Values that are forgotten after a time. */
export interface ExpiringCache<T> {
  get(key: string): T | undefined;
  set(key: string, entry: { readonly value: T; readonly forMs: number }): void;
}

/** Ours: a few clients ask; more keys than this are somebody's attack. */
const MAX_ENTRIES = 500;

/** An empty cache; a full one forgets its oldest entry. */
export function createExpiringCache<T>(system: Pick<System, "clock">): ExpiringCache<T> {
  const entries = new Map<string, { readonly value: T; readonly untilMs: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      return entry !== undefined && entry.untilMs > system.clock.monotonicMs() ? entry.value : undefined;
    },
    set: (key, { value, forMs }) => {
      entries.delete(key);
      entries.set(key, { value, untilMs: system.clock.monotonicMs() + forMs });
      const [oldest] = entries.keys();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    },
  };
}
