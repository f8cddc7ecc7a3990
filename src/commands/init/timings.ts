import type { Clock } from "../../system/clock.ts";

/** One stretch of a command, in milliseconds since the process began. Stretches overlap where work is done at once. */
export interface Timing {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Writes down when each part of a command began and ended. */
export interface Timings {
  /** Does the work and notes how long it took, also when it fails. */
  measure<T>(name: string, work: () => Promise<T>): Promise<T>;
  add(timing: Timing): void;
  /** In the order in which they began. */
  list(): readonly Timing[];
}

export function createTimings(clock: Clock): Timings {
  const timings: Timing[] = [];
  return {
    measure: async (name, work) => {
      const startMs = clock.monotonicMs();
      try {
        return await work();
      } finally {
        timings.push({ name, startMs, endMs: clock.monotonicMs() });
      }
    },
    add: (timing) => {
      timings.push(timing);
    },
    list: () => timings.toSorted((one, other) => one.startMs - other.startMs || other.endMs - one.endMs),
  };
}
