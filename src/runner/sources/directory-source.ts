import type { RunnerInfo } from "../../control/protocol.ts";
import type { System } from "../../system/system.ts";
import type { DesiredPod, SourceSnapshot } from "../types.ts";
import { createWakeLoop } from "../wake-loop.ts";
import { createManifestInterpreter } from "./interpret-manifests.ts";
import { createPathWatcher } from "./path-watcher.ts";
import { createFingerprint, readManifestFiles } from "./read-manifest-files.ts";
import { createTeller } from "./snapshot-teller.ts";

/** Where pods come from. */
export interface PodSource {
  /** Looks again now. */
  reload(): void;
  /** Of one that watches. */
  watchProblem?(): RunnerInfo["inotifyProblem"];
  close(): Promise<void>;
}

/** Ours: a write is rarely a single event; this is too short to be felt. */
const SETTLE_MS = 5;
/** Ours: how often the path itself is checked, for inotify does not tell of a swapped link or a renamed directory. */
const CHECK_MS = 1000;
/** Ours: a directory that is replaced is away for a moment; its pods should not notice. */
const MISSING_GRACE_MS = 5000;

/** What a directory source is made from. */
export interface DirectorySourceOptions {
  /** A directory of manifests, or one manifest. */
  readonly path: string;
  readonly nodeName: string;
  readonly listEveryMs: number;
  /** What becomes of a pod whose file has gone bad; `remove` is what the kubelet does. */
  readonly badManifest: "keep" | "remove";
  /** Pods that run already, from this source or another. */
  readonly known: readonly DesiredPod[];
  readonly onSnapshot: (snapshot: SourceSnapshot) => void;
}

/**
 * Follows a manifest directory or a single manifest and tells its pods, whole, whenever they have changed. A path that
 * is missing counts as empty after five seconds; one that cannot be read changes nothing.
 * Source: kubelet config/file.go, file_linux.go; what differs is in the constants above.
 */
export function createDirectorySource(
  system: Pick<System, "fs" | "clock" | "log">,
  options: DirectorySourceOptions,
): PodSource {
  const { path } = options;
  const list = createLister(system, options);
  const readFingerprint = createFingerprint(system, path);
  let isForced = true;
  let lastFingerprint = "";
  let nextListMs = 0;
  let cancelSettle: (() => void) | undefined;

  const loop = createWakeLoop(system, async () => {
    const fingerprint = await readFingerprint();
    const isDue = isForced || fingerprint !== lastFingerprint || system.clock.monotonicMs() >= nextListMs;
    lastFingerprint = fingerprint;
    isForced = false;
    if (isDue) {
      watcher.rearm(await system.fs.stat(path).catch(() => undefined));
      nextListMs = await list();
    }
    return { wakeAtMs: system.clock.nowMs() + CHECK_MS, ended: false };
  });
  const reload = (): void => {
    isForced = true;
    loop.wake();
  };
  const watcher = createPathWatcher(system, {
    path,
    onChange: () => {
      cancelSettle?.();
      cancelSettle = system.clock.after(SETTLE_MS, reload);
    },
  });
  loop.wake();
  return {
    reload,
    watchProblem: watcher.problem,
    close: async () => {
      cancelSettle?.();
      watcher.close();
      await loop.close();
    },
  };
}

/** Lists the path and tells what has changed; gives the monotonic time of the next list if nothing calls for one before. */
function createLister(
  system: Pick<System, "fs" | "clock" | "log">,
  options: DirectorySourceOptions,
): () => Promise<number> {
  const { path } = options;
  const interpreter = createManifestInterpreter({
    ...options,
    onWarning: (origin, message) => system.log.warn("manifest has an oddity", { origin, what: message }),
  });
  let missingSinceMs: number | undefined;
  let hasPods = options.known.length > 0;
  let lastFailure: string | undefined;
  const tell = createTeller("file", options.onSnapshot);

  return async () => {
    const nowMs = system.clock.monotonicMs();
    const listing = await readManifestFiles(system, path);
    const failure = listing.kind === "failed" ? listing.message : undefined;
    if (failure !== undefined && failure !== lastFailure) {
      system.log.error("manifests cannot be read; pods stay as they are", { why: failure });
    }
    lastFailure = failure;
    if (listing.kind === "files") {
      const found = interpreter.interpret(listing.files, new Date(system.clock.nowMs()).toISOString());
      hasPods = found.pods.length > 0;
      tell(found);
    }
    if (listing.kind !== "missing") {
      missingSinceMs = undefined;
      return nowMs + options.listEveryMs;
    }
    if (missingSinceMs === undefined) system.log.warn("manifest path is missing", { path });
    missingSinceMs ??= nowMs;
    // Where nothing runs yet there is nothing to wait for, and other sources may go on.
    const emptyAtMs = missingSinceMs + (hasPods ? MISSING_GRACE_MS : 0);
    if (nowMs < emptyAtMs) return emptyAtMs;
    tell(interpreter.interpret([], ""));
    return nowMs + options.listEveryMs;
  };
}
