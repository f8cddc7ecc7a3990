import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { KubeObject, WatchEvent } from "../../api/types.ts";
import { SlipwayError } from "../../core/errors.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { ApiLink } from "./api-link.ts";
import { createBackOff } from "./back-off.ts";
import { startLoop } from "./level-loop.ts";

/** Objects of the API, kept up to date by a watch. */
export interface ObjectWatch {
  /** Undefined until they were listed once. */
  list(): readonly KubeObject[] | undefined;
  /** Takes over what a write of our own returned, before the watch tells of it. */
  put(object: KubeObject): void;
  drop(object: KubeObject): void;
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

/** Lists and then watches what a path names, its query included; `onChange` is called after each change. */
export function watchObjects(
  system: Pick<System, "clock" | "log">,
  options: {
    /** In the log. */
    readonly name: string;
    readonly link: ApiLink;
    readonly path: string;
    /** The part of an object that is kept. */
    readonly keep: (object: KubeObject) => KubeObject;
    readonly onChange: () => void;
  },
): ObjectWatch {
  const base = `${options.path}${options.path.includes("?") ? "&" : "?"}`;
  const backOff = createBackOff(RETRY);
  const cache = createCache(options.keep);
  let held = false;
  let session = new AbortController();

  const list = async (signal: AbortSignal): Promise<string | undefined> => {
    const { response } = await options.link.ask({ method: "GET", path: options.path, signal });
    if (response === undefined || !isSuccess(response)) return undefined;
    const items = readField(response.body, "items");
    // Items of a list are objects; the list leaves out their kind.
    cache.replace((Array.isArray(items) ? items.filter(isObject) : []) as unknown as KubeObject[]);
    options.onChange();
    return String(readField(response.body, "metadata", "resourceVersion") ?? "");
  };
  const follow = async (version: string, signal: AbortSignal): Promise<void> => {
    let from = version;
    for (;;) {
      const path = `${base}watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_SECONDS}&resourceVersion=${from}`;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(WATCH_SECONDS * 1000 + WATCH_OVERRUN_MS)]);
      const before = from;
      for await (const event of options.link.client.watch({ path, signal: limit })) {
        backOff.reset();
        if (event.type === "ERROR") return;
        from = event.object.metadata.resourceVersion ?? from;
        if (cache.apply(event)) options.onChange();
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
  const loop = startLoop(system, { name: options.name, pass });
  const restart = (): void => session.abort(new Error("the API server is ending"));

  return {
    ...{ list: cache.list, put: cache.put, drop: cache.drop, wake: loop.wake, close: loop.close },
    hold: (wanted) => {
      if (wanted === held) return;
      held = wanted;
      if (held) restart();
      else loop.wake();
    },
    restart,
  };
}

interface Cache {
  list(): readonly KubeObject[] | undefined;
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  drop(object: KubeObject): void;
  /** Whether anything changed. */
  apply(event: WatchEvent): boolean;
}

/** Never goes back: what is older than what it has is left out, for our own writes are seen before the watch's. */
function createCache(keep: (object: KubeObject) => KubeObject): Cache {
  let listed = false;
  let objects = new Map<string, KubeObject>();
  const key = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;
  const put = (object: KubeObject): boolean => {
    const old = objects.get(key(object));
    if (old !== undefined && versionOf(old) >= versionOf(object)) return false;
    objects.set(key(object), keep(object));
    return true;
  };
  const drop = (object: KubeObject): boolean => {
    const sameUid = objects.get(key(object))?.metadata.uid === object.metadata.uid;
    return sameUid && objects.delete(key(object));
  };
  return {
    list: () => (listed ? [...objects.values()] : undefined),
    replace: (fresh) => {
      listed = true;
      objects = new Map(fresh.map((object) => [key(object), keep(object)]));
    },
    put,
    drop,
    apply: (event) => {
      if (event.type === "BOOKMARK") return false;
      return event.type === "DELETED" ? drop(event.object) : put(event.object);
    },
  };
}

function versionOf({ metadata }: KubeObject): bigint {
  return BigInt(metadata.resourceVersion ?? "0");
}
