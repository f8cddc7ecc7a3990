import { isSuccess } from "../../api/describe-response.ts";
import type { RunnerEvent } from "../../control/protocol.ts";
import type { System } from "../../system/system.ts";
import type { EventRecorder, PodStore } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import { type Loop, startLoop } from "./level-loop.ts";

/** Ours, after the kubelet's eventRecordQPS 50 and eventBurst 100: a crash loop of many pods must not flood the API. */
const BURST = 50;
const REFILL_PER_SECOND = 1;
/** Events that wait while the API is down; the oldest go first. */
const MAX_WAITING = 200;
/** Names of events whose count is still being raised. */
const MAX_REMEMBERED = 500;
const RETRY_MS = 10_000;

/**
 * Sends the recorder's events to the API as core/v1 Events about the pod, or about the Node when they name none.
 * A repetition raises the count of the Event that is there. At most BURST at once, then one a second; the rest is
 * dropped oldest first, for the recorder still has them.
 */
export function sendEvents(
  system: Pick<System, "clock" | "log" | "random">,
  options: {
    readonly link: ApiLink;
    readonly nodeName: string;
    readonly isRegistered: () => boolean;
    readonly store: PodStore;
    readonly events: EventRecorder;
  },
): Loop {
  const { link, nodeName } = options;
  const waiting: RunnerEvent[] = [];
  const names = new Map<string, string>();
  const bucket = createBucket(() => system.clock.monotonicMs());

  const send = async (event: RunnerEvent, signal: AbortSignal): Promise<boolean> => {
    const key = [event.namespace, event.pod, event.container, event.reason, event.message].join("\n");
    const known = event.count > 1 ? names.get(key) : undefined;
    const collection = `/api/v1/namespaces/${encodeURIComponent(event.namespace ?? "default")}/events`;
    if (known !== undefined) {
      const path = `${collection}/${encodeURIComponent(known)}`;
      const body = { count: event.count, lastTimestamp: event.at };
      const contentType = "application/strategic-merge-patch+json";
      const { response } = await link.ask({ method: "PATCH", path, body, contentType, signal });
      if (response === undefined) return false;
      if (isSuccess(response)) return true;
    }
    const name = `${event.pod ?? nodeName}.${system.random.hex(8)}`;
    const body = buildEvent(event, { name, nodeName, store: options.store });
    const { response } = await link.ask({ method: "POST", path: collection, body, signal });
    remember(names, { key, name });
    return response !== undefined;
  };
  const pass = async (signal: AbortSignal): Promise<number> => {
    while (options.isRegistered()) {
      const [event] = waiting;
      if (event === undefined) return RETRY_MS;
      const delayMs = bucket.take();
      if (delayMs > 0) return delayMs;
      if (!(await send(event, signal))) return RETRY_MS;
      // More may have been recorded, and this one dropped, while it was being sent.
      if (waiting[0] === event) waiting.shift();
    }
    return RETRY_MS;
  };
  const loop = startLoop(system, { name: "events", pass });
  options.events.onRecord((event) => {
    waiting.push(event);
    if (waiting.length > MAX_WAITING) waiting.shift();
    loop.wake();
  });
  return loop;
}

function buildEvent(
  event: RunnerEvent,
  context: { readonly name: string; readonly nodeName: string; readonly store: PodStore },
): object {
  const { nodeName } = context;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: context.name, namespace: event.namespace ?? "default" },
    involvedObject: describeSubject(event, context),
    type: event.type,
    reason: event.reason,
    message: event.message,
    count: event.count,
    firstTimestamp: event.at,
    lastTimestamp: event.at,
    source: { component: "slipway", host: nodeName },
    reportingComponent: "slipway",
    reportingInstance: nodeName,
  };
}

/**
 * kubectl finds a mirror's events by the static pod's UID, a Node's by its name. Source: kubectl describe.go; kubelet
 * container/ref.go fieldPath.
 */
function describeSubject(
  event: RunnerEvent,
  context: { readonly nodeName: string; readonly store: PodStore },
): object {
  const { pod: name, namespace, container } = event;
  if (name === undefined || namespace === undefined)
    return { kind: "Node", name: context.nodeName, uid: context.nodeName };
  const pod = context.store.get(namespace, name)?.pod;
  const uid = pod?.metadata.uid;
  const isInit = pod?.spec.initContainers?.some((init) => init.name === container) === true;
  return {
    apiVersion: "v1",
    kind: "Pod",
    namespace,
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(container === undefined
      ? {}
      : { fieldPath: `spec.${isInit ? "initContainers" : "containers"}{${container}}` }),
  };
}

function remember(names: Map<string, string>, entry: { readonly key: string; readonly name: string }): void {
  names.set(entry.key, entry.name);
  const [oldest] = names.keys();
  if (names.size > MAX_REMEMBERED && oldest !== undefined) names.delete(oldest);
}

/** `take` gives 0 and counts one, or the milliseconds until there is one to take. */
function createBucket(nowMs: () => number): { take(): number } {
  let tokens = BURST;
  let filledAtMs = nowMs();
  return {
    take: () => {
      const elapsedMs = nowMs() - filledAtMs;
      filledAtMs += elapsedMs;
      tokens = Math.min(BURST, tokens + (elapsedMs / 1000) * REFILL_PER_SECOND);
      if (tokens < 1) return Math.ceil(((1 - tokens) / REFILL_PER_SECOND) * 1000);
      tokens -= 1;
      return 0;
    },
  };
}
