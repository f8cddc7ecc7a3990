import { dirname, resolve } from "node:path";
import { messageOf } from "../../core/errors.ts";
import { readMadePaths } from "../../runtime/made-paths.ts";
import { removeTree } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/**
 * So long the logs of a removed pod stay: whoever collects logs must have read them to the end.
 * Source: kubelet.go ContainerGCPeriod (one minute), by which it removes them.
 */
const KEEP_MS = 60_000;

/** Where logs of pods lie, and where it is noted which of the directories are ours. */
export interface PodLogPlace {
  readonly podLogsDir: string;
  readonly notesPath: string;
}

/** The log directories of pods that come and go. */
export interface PodLogDirs {
  /** A pod needs the directory: it stays. Resolves when a removal that is under way has ended. */
  keep(dir: string): Promise<void>;
  /** The pod is gone: in a minute the directory goes, if it was made for a pod and none has come back. */
  release(dir: string): void;
  /** Leaves all that is left to the next runner. */
  close(): Promise<void>;
}

/** Nothing is removed until it is released. */
export function createPodLogDirs(
  system: Pick<System, "fs" | "clock" | "log">,
  place: PodLogPlace,
): PodLogDirs {
  const waiting = new Map<string, () => void>();
  const removals = new Map<string, Promise<void>>();
  const cancel = (dir: string): void => {
    waiting.get(dir)?.();
    waiting.delete(dir);
  };
  const remove = (dir: string): void => {
    waiting.delete(dir);
    removals.set(
      dir,
      removeIfOurs(system, { ...place, dir }).finally(() => removals.delete(dir)),
    );
  };
  return {
    keep: async (dir) => {
      cancel(dir);
      await removals.get(dir);
    },
    release: (dir) => {
      cancel(dir);
      waiting.set(
        dir,
        system.clock.after(KEEP_MS, () => remove(dir)),
      );
    },
    close: async () => {
      for (const dir of [...waiting.keys()]) cancel(dir);
      await Promise.all(removals.values());
    },
  };
}

/** The noted log directories that hold none of these logs: an earlier runner ended before they could go. */
export async function listUnusedLogDirs(
  system: Pick<System, "fs">,
  options: PodLogPlace & { readonly logPaths: readonly string[] },
): Promise<readonly string[]> {
  const used = new Set(options.logPaths.map((path) => dirname(dirname(path))));
  const noted = new Set(await listNotedDirs(system, options));
  const unused = [...noted].filter((dir) => !used.has(dir));
  const there = await Promise.all(unused.map((dir) => system.fs.stat(dir)));
  return unused.filter((_, index) => there[index] !== undefined);
}

async function listNotedDirs(system: Pick<System, "fs">, place: PodLogPlace): Promise<readonly string[]> {
  return (await readMadePaths(system, place.notesPath))
    .filter(({ kind, path }) => kind === "tree" && dirname(path) === resolve(place.podLogsDir))
    .map(({ path }) => path);
}

/** What somebody else made for a pod of the same name is theirs. Never rejects. */
async function removeIfOurs(
  system: Pick<System, "fs" | "log">,
  options: PodLogPlace & { readonly dir: string },
): Promise<void> {
  const { dir } = options;
  try {
    if ((await listNotedDirs(system, options)).includes(dir)) await removeTree(system, dir);
  } catch (error) {
    system.log.warn("cannot remove the logs of a removed pod", { dir, error: messageOf(error) });
  }
}
