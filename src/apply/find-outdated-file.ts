import type { System } from "../system/system.ts";

/**
 * A file that a component loaded before it was changed, the first one; undefined when it runs with the present ones or
 * does not run. Times are compared in whole seconds, as a pod's status gives them: a component starts when its files are
 * there, and a file that was moved back with its old time counts as unchanged.
 */
export async function findOutdatedFile(
  system: Pick<System, "fs">,
  options: {
    /** Of its present run, as its status gives it; undefined: it does not run. */
    readonly startedAt: string | undefined;
    readonly loads: readonly string[];
    /** Files that are going to be changed. */
    readonly changing?: ReadonlySet<string>;
  },
): Promise<string | undefined> {
  const { startedAt, loads, changing } = options;
  if (startedAt === undefined) return undefined;
  const startedSeconds = Math.floor(Date.parse(startedAt) / 1000);
  for (const path of loads) {
    if (changing?.has(path) === true) return path;
    const file = await system.fs.stat(path);
    if (file !== undefined && Math.floor(file.modifiedMs / 1000) > startedSeconds) return path;
  }
  return undefined;
}
