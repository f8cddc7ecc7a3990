import { dirname } from "node:path";
import type { RunnerInfo } from "../../control/protocol.ts";
import { systemErrorCode } from "../../core/errors.ts";
import type { FileStatus, Watch } from "../../system/file-system.ts";
import type { System } from "../../system/system.ts";

/** Hints that something at a path may have changed. */
export interface PathWatcher {
  /** Tells which thing is behind the path now; the watch is set anew when it is another one. */
  rearm(status: FileStatus | undefined): void;
  /** Why nothing is watched, where this user may watch no more. */
  problem(): RunnerInfo["inotifyProblem"];
  close(): void;
}

/** inotify on a directory, or on the directory of a file. Nothing is watched before the first `rearm`. */
export function createPathWatcher(
  system: Pick<System, "fs" | "log">,
  options: { readonly path: string; readonly onChange: () => void },
): PathWatcher {
  let watch: Watch | undefined;
  let watched: string | undefined;
  let problem: RunnerInfo["inotifyProblem"];
  const close = (): void => {
    watch?.close();
    watch = undefined;
  };
  return {
    rearm: (status) => {
      const identity = status === undefined ? undefined : `${status.kind}:${status.dev}:${status.ino}`;
      if (identity === watched && watch !== undefined) return;
      close();
      watched = identity;
      problem = undefined;
      if (status === undefined) return;
      const target = status.kind === "directory" ? options.path : dirname(options.path);
      watch = system.fs.watch(target, {
        onChange: options.onChange,
        onError: (error) => {
          close();
          const code = systemErrorCode(error);
          problem = code === "EMFILE" || code === "ENOSPC" ? code : undefined;
          system.log.debug("watching the manifests failed; they are listed instead", {
            error: String(error),
          });
        },
      });
    },
    problem: () => problem,
    close,
  };
}
