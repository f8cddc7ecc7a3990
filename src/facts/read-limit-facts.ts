import { systemErrorCode } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import type { FactReader } from "./fact-reader.ts";
import type { InitFacts } from "./types.ts";

/** What is left of what programs run out of without saying so. `dir` is watched for a moment, and must exist. */
export async function readLimitFacts(
  system: System,
  options: { readonly reader: FactReader; readonly dir: string },
): Promise<Pick<InitFacts, "openFilesLimit" | "inotifyProblem" | "availableMemoryBytes">> {
  const limits = await options.reader.read("limits", {
    read: () => system.fs.readTextIfExists("/proc/self/limits"),
    fallback: undefined,
  });
  return {
    openFilesLimit: parseOpenFilesLimit(limits ?? ""),
    inotifyProblem: await tryWatch(system, options.dir),
    availableMemoryBytes: system.host.freeMemoryBytes(),
  };
}

/** The hard limit, which Node.js and Go programs raise their own to; undefined: none or unknown. */
function parseOpenFilesLimit(limits: string): number | undefined {
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? undefined : Number(hard);
}

/** Source: inotify_init(2), inotify_add_watch(2): EMFILE when the instances are used up, ENOSPC when the watches are. */
async function tryWatch(system: System, dir: string): Promise<InitFacts["inotifyProblem"]> {
  let problem: string | undefined;
  const watch = system.fs.watch(dir, {
    onChange: () => undefined,
    onError: (error) => {
      problem = systemErrorCode(error);
    },
  });
  // A failure to begin is told in the next microtask.
  await Promise.resolve();
  watch.close();
  return problem === "EMFILE" || problem === "ENOSPC" ? problem : undefined;
}
