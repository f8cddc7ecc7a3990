import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { KubeObject, WatchEvent } from "../../api/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { ApiLink } from "./api-link.ts";
import { createBackOff } from "./back-off.ts";
import { startLoop } from "./level-loop.ts";

/** The pods that the API has bound to one node, kept up to date by a watch. */
export interface PodWatch {
  /** Undefined until they were listed once. */
  list(): readonly KubeObject[] | undefined;
  /** Takes over what a write of our own returned, before the watch tells of it. */
  put(pod: KubeObject): void;
  drop(pod: KubeObject): void;
  wake(): void;
  /** While held no request is open: an API server that is told to end waits for its last one. */
  hold(held: boolean): void;
  /** Ends the watch that is open and begins anew: an API server that takes no new connections waits for the old ones. */
  restart(): void;
  close(): Promise<void>;
}

const RETRY = { firstMs: 100, maxMs: 5_000 };
/** The server ends a watch after this; ours: rare enough to cost nothing. */
const WATCH_SECONDS = 300;
/** A watch that outlives its end by this much hangs on a dead connection. */
const WATCH_OVERRUN_MS = 30_000;
/** What is held is woken when it is let go; any long time will do. */
const HELD_MS = 60_000;

/** Lists and then watches the pods with `spec.nodeName` of this node; `onChange` is called after each change. */
export function watchPods(
  system: Pick<System, "clock" | "log">,
  options: { readonly link: ApiLink; readonly nodeName: string; readonly onChange: () => void },
): PodWatch {
  const base = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${options.nodeName}`)}`;
  const backOff = createBackOff(RETRY);
  const pods = createPodCache();
  let held = false;
  let session = new AbortController();

  const list = async (signal: AbortSignal): Promise<string | undefined> => {
    const { response } = await options.link.ask({ method: "GET", path: base, signal });
    if (response === undefined || !isSuccess(response)) return undefined;
    const items = readField(response.body, "items");
    // Items of a PodList are Pods; the list leaves out their kind.
    pods.replace((Array.isArray(items) ? items.filter(isObject) : []) as unknown as KubeObject[]);
    options.onChange();
    return String(readField(response.body, "metadata", "resourceVersion") ?? "");
  };
  const follow = async (version: string, signal: AbortSignal): Promise<void> => {
    let from = version;
    for (;;) {
      const path = `${base}&watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${from}`;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(WATCH_SECONDS * 1000 + WATCH_OVERRUN_MS)]);
      const before = from;
      for await (const event of options.link.client.watch({ path, signal: limit })) {
        backOff.reset();
        if (event.type === "ERROR") return;
        from = event.object.metadata.resourceVersion ?? from;
        if (pods.apply(event)) options.onChange();
      }
      if (from === before) return;
    }
  };
  const pass = async (closing: AbortSignal): Promise<number> => {
    if (held) return HELD_MS;
    session = new AbortController();
    const signal = AbortSignal.any([closing, session.signal]);
    try {
      const version = await list(signal);
      if (version !== undefined) await follow(version, signal);
    } catch (error) {
      if (!(error instanceof SlipwayError) && !signal.aborted) throw error;
    }
    return backOff.nextMs();
  };
  const loop = startLoop(system, { name: "pod watch", pass });
  const restart = (): void => session.abort(new Error("the API server is ending"));

  return {
    ...{ list: pods.list, put: pods.put, drop: pods.drop, wake: loop.wake, close: loop.close },
    hold: (wanted) => {
      if (wanted === held) return;
      held = wanted;
      if (held) restart();
      else loop.wake();
    },
    restart,
  };
}

interface PodCache {
  list(): readonly KubeObject[] | undefined;
  replace(pods: readonly KubeObject[]): void;
  put(pod: KubeObject): void;
  drop(pod: KubeObject): void;
  /** Whether anything changed. */
  apply(event: WatchEvent): boolean;
}

/** Never goes back: what is older than what it has is left out, for our own writes are seen before the watch's. */
function createPodCache(): PodCache {
  let listed = false;
  let pods = new Map<string, KubeObject>();
  const key = (pod: KubeObject): string => `${pod.metadata.namespace}/${pod.metadata.name}`;
  const put = (pod: KubeObject): boolean => {
    const old = pods.get(key(pod));
    if (old !== undefined && versionOf(old) >= versionOf(pod)) return false;
    pods.set(key(pod), trim(pod));
    return true;
  };
  const drop = (pod: KubeObject): boolean => {
    const sameUid = pods.get(key(pod))?.metadata.uid === pod.metadata.uid;
    return sameUid && pods.delete(key(pod));
  };
  return {
    list: () => (listed ? [...pods.values()] : undefined),
    replace: (fresh) => {
      listed = true;
      pods = new Map(fresh.map((pod) => [key(pod), trim(pod)]));
    },
    put,
    drop,
    apply: (event) => {
      if (event.type === "BOOKMARK") return false;
      return event.type === "DELETED" ? drop(event.object) : put(event.object);
    },
  };
}

function versionOf(pod: KubeObject): bigint {
  return BigInt(pod.metadata.resourceVersion ?? "0");
}

/** Without the record of who set which field, which is larger than the pod. */
function trim(pod: KubeObject): KubeObject {
  const metadata: KubeObject["metadata"] & { readonly managedFields?: unknown } = pod.metadata;
  const { managedFields: _, ...rest } = metadata;
  return { ...pod, metadata: rest };
}
