import type { RunnerEvent } from "../control/protocol.ts";
import { redactSecrets } from "../core/redact.ts";
import { formatRfc3339 } from "../core/rfc3339.ts";
import type { System } from "../system/system.ts";
import type { EventRecorder } from "./types.ts";

/** Enough for a day of a troubled plane; some 300 KiB, 2 MiB at most. */
export const MAX_EVENTS = 1000;

/** What comes again within this time is told by the count of the one that is there: a crash loop is a few lines. */
const REPEAT_MS = 600_000;

/** Source: k8s.io/kubernetes pkg/apis/core/validation/events.go NoteLengthLimit. */
const MAX_MESSAGE_CHARACTERS = 1024;

/** Events in memory, the newest 1000, without secrets; `earlier` are those of a runner before. */
export function createEventRecorder(
  system: Pick<System, "clock">,
  { earlier = [] }: { readonly earlier?: readonly RunnerEvent[] } = {},
): EventRecorder {
  const events = [...earlier];
  const listeners: ((event: RunnerEvent) => void)[] = [];
  return {
    record: (told) => {
      const nowMs = system.clock.nowMs();
      const fresh = { ...told, message: redactSecrets(told.message).slice(0, MAX_MESSAGE_CHARACTERS) };
      const before = events.findLast((event) => isSame(event, fresh));
      const repeats = before !== undefined && nowMs - Date.parse(before.at) <= REPEAT_MS;
      const event = { ...fresh, at: formatRfc3339(nowMs), count: repeats ? before.count + 1 : 1 };
      addEvent(events, event);
      for (const listener of listeners) listener(event);
    },
    list: () => events,
    onRecord: (listener) => {
      listeners.push(listener);
    },
  };
}

/** Adds an event at the end: one that has been there before takes the place of that one. */
export function addEvent(events: RunnerEvent[], event: RunnerEvent): void {
  const index = event.count > 1 ? events.findLastIndex((other) => isSame(other, event)) : -1;
  if (index !== -1) events.splice(index, 1);
  events.push(event);
  if (events.length > MAX_EVENTS) events.shift();
}

function isSame(left: RunnerEvent, right: Omit<RunnerEvent, "at" | "count">): boolean {
  return (
    left.type === right.type &&
    left.reason === right.reason &&
    left.message === right.message &&
    left.pod === right.pod &&
    left.namespace === right.namespace &&
    left.container === right.container
  );
}
