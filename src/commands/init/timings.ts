import type { StepEvent } from "../../apply/apply-plan.ts";
import type { Clock } from "../../system/clock.ts";

/** One stretch of a command, in milliseconds since the process began. Stretches overlap where work is done at once. */
export interface Timing {
  readonly name: string;
  /** Of the plan; undefined: before or after it. */
  readonly phase: string | undefined;
  /** It waits for somebody else. */
  readonly isWait: boolean;
  readonly startMs: number;
  readonly endMs: number;
  /** What the whole process used of the CPU meanwhile. */
  readonly cpuMs: number;
}

/** Writes down when each part of a command began and ended. */
export interface Timings {
  /** A step of the plan begins or ends. */
  follow(event: StepEvent): void;
  /** Does the work and notes how long it took, also when it fails. */
  measure<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** In the order in which they began. */
  list(): readonly Timing[];
}

/** Its first part is what went before. */
export function createTimings(clock: Pick<Clock, "monotonicMs" | "cpuMs">): Timings {
  const [bornMs, bornCpuMs] = [clock.monotonicMs(), clock.cpuMs()];
  const start = { name: "start of the program", phase: undefined, isWait: false };
  const timings: Timing[] = [{ ...start, startMs: 0, endMs: bornMs, cpuMs: bornCpuMs }];
  const steps = new Map<string, () => void>();
  const begin = (part: Pick<Timing, "name" | "phase" | "isWait">): (() => void) => {
    const [startMs, startCpuMs] = [clock.monotonicMs(), clock.cpuMs()];
    return () => {
      timings.push({ ...part, startMs, endMs: clock.monotonicMs(), cpuMs: clock.cpuMs() - startCpuMs });
    };
  };
  return {
    follow: ({ kind, step }) => {
      if (kind !== "started") return steps.get(step.id)?.();
      const { title: name, phase } = step;
      steps.set(step.id, begin({ name, phase, isWait: step.kind.startsWith("wait-") }));
    },
    measure: async (name, work) => {
      const end = begin({ name, phase: undefined, isWait: false });
      try {
        return await work();
      } finally {
        end();
      }
    },
    list: () => timings.toSorted((one, other) => one.startMs - other.startMs || other.endMs - one.endMs),
  };
}

/** For how long, in milliseconds, at least one of these stretches was on. */
export function measureCovered(timings: readonly Pick<Timing, "startMs" | "endMs">[]): number {
  let [coveredMs, untilMs] = [0, 0];
  for (const { startMs, endMs } of timings.toSorted((one, other) => one.startMs - other.startMs)) {
    coveredMs += Math.max(0, endMs - Math.max(startMs, untilMs));
    untilMs = Math.max(untilMs, endMs);
  }
  return coveredMs;
}
