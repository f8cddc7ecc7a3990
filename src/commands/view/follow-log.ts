import { basename, dirname, join } from "node:path";
import { type LogRequest, readContainerLog } from "../../control/read-container-log.ts";
import type { System } from "../../system/system.ts";
import { readLoggedPod } from "./read-logged-pods.ts";

/** Which container is followed. */
export interface FollowedContainer {
  readonly root: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How often it is asked which log is the container's; ours: a restart is seen within this. */
const ASK_INTERVAL_MS = 1_000;

/** A pod that is missed so often in a row is gone; an edited one is missing for a moment. */
const ASKS_BEFORE_GONE = 3;

/**
 * Follows the logs of a container's runs one after the other, over its restarts and edits of its pod, until the pod is
 * gone or the signal aborts. The first is read as asked for, the later ones whole. Raises what keeps it from looking for
 * the newest.
 */
export async function followLog(
  system: System,
  options: {
    readonly followed: FollowedContainer;
    readonly request: LogRequest & { readonly signal: AbortSignal };
  },
): Promise<void> {
  const { request } = options;
  const done = new AbortController();
  const signal = AbortSignal.any([request.signal, done.signal]);
  const newest = watchNewestLog(system, { ...options, signal });
  newest.ended.catch(() => done.abort());
  try {
    let path: string | undefined = request.path;
    let start: Pick<LogRequest, "tailLines"> = request;
    while (path !== undefined) {
      const current: string = path;
      const hasEnded = (): boolean => newest.path() !== current;
      await readContainerLog(system, {
        ...withoutTail(request),
        ...start,
        path,
        signal,
        follow: true,
        hasEnded,
      });
      if (signal.aborted) return;
      start = {};
      path = await nextLogPath(system, { current, newest: newest.path() });
    }
  } finally {
    done.abort();
    await newest.ended;
  }
}

function withoutTail({ tailLines: _tail, ...request }: LogRequest): Omit<LogRequest, "tailLines"> {
  return request;
}

/** A run that came and went between two looks has left its log, named by its number. */
async function nextLogPath(
  system: Pick<System, "fs">,
  { current, newest }: { readonly current: string; readonly newest: string | undefined },
): Promise<string | undefined> {
  if (newest === undefined || dirname(newest) !== dirname(current)) return newest;
  const last = Number.parseInt(basename(newest), 10);
  for (let attempt = Number.parseInt(basename(current), 10) + 1; attempt < last; attempt += 1) {
    const between = join(dirname(current), `${attempt}.log`);
    if ((await system.fs.stat(between)) !== undefined) return between;
  }
  return newest;
}

/**
 * Keeps asking for the newest run's log; its path is undefined when the pod is gone, and `ended` rejects when it cannot
 * ask.
 */
function watchNewestLog(
  system: System,
  options: {
    readonly followed: FollowedContainer;
    readonly request: LogRequest;
    readonly signal: AbortSignal;
  },
): { readonly path: () => string | undefined; readonly ended: Promise<void> } {
  const { followed, signal } = options;
  let path: string | undefined = options.request.path;
  let missed = 0;
  const ask = async (): Promise<void> => {
    const found = await readLoggedPod(system, followed);
    const container = found?.containers.find(({ name }) => name === followed.container);
    missed = found === undefined ? missed + 1 : 0;
    if (container?.logPath !== undefined) path = container.logPath;
    else if (missed >= ASKS_BEFORE_GONE) path = undefined;
  };
  const watch = async (): Promise<void> => {
    while (!signal.aborted && path !== undefined) {
      await system.clock.sleep(ASK_INTERVAL_MS, signal).catch(() => undefined);
      if (!signal.aborted) await ask();
    }
  };
  return { path: () => path, ended: watch() };
}
