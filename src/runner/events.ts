import type { RunnerEvent } from "../control/protocol.ts";
import { formatRfc3339 } from "../core/rfc3339.ts";
import type { System } from "../system/system.ts";
import type { EventRecorder } from "./types.ts";

/** Enough for a day of a troubled plane; some 300 KiB at most. */
const MAX_EVENTS = 1000;

/** Events in memory, the newest 1000. One that only repeats the last of its pod raises that one's count instead. */
export function createEventRecorder(system: Pick<System, "clock">): EventRecorder {
  const events: RunnerEvent[] = [];
  const listeners: ((event: RunnerEvent) => void)[] = [];
  return {
    record: (fresh) => {
      const at = formatRfc3339(system.clock.nowMs());
      const index = events.findLastIndex(
        (event) => event.pod === fresh.pod && event.namespace === fresh.namespace,
      );
      const last = events[index];
      const repeats = last !== undefined && isSame(last, fresh);
      const event: RunnerEvent = { ...fresh, at, count: repeats ? last.count + 1 : 1 };
      if (repeats) events.splice(index, 1);
      events.push(event);
      if (events.length > MAX_EVENTS) events.shift();
      for (const listener of listeners) listener(event);
    },
    list: () => events,
    onRecord: (listener) => {
      listeners.push(listener);
    },
  };
}

function isSame(left: RunnerEvent, right: Omit<RunnerEvent, "at" | "count">): boolean {
  return (
    left.type === right.type &&
    left.reason === right.reason &&
    left.message === right.message &&
    left.container === right.container
  );
}
