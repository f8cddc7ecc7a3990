import { resolve } from "node:path";
import { splitProcessStat } from "../core/process-stat.ts";
import type { System } from "../system/system.ts";
import { selectFlag } from "./kubelet-sources.ts";
import {
  isRunner,
  isTrusted,
  listProcesses,
  type ProcessFact,
  readProcess,
  sharesFiles,
  whenReadable,
} from "./list-processes.ts";

/** A container's directory, in the words of the shell that stands between it and its runner: `ROOT/var/lib/slipway/…`. */
const CONTAINER = /^(.*)\/var\/lib\/slipway\/containers\/[^/]+\/[^/]+$/;

/**
 * The root of a runner of ours that root or this user runs, or of what one runs; undefined for any other process, one
 * in a container, and one that has lost its shell.
 */
export async function findSlipwayRoot(
  system: System,
  { pid, argv }: ProcessFact,
): Promise<string | undefined> {
  if (!(await sharesFiles(system, pid))) return undefined;
  if (isRunner(argv)) {
    if (!(await isTrusted(system, { pid }))) return undefined;
    const workingDir = (await whenReadable(system.fs.readLink(`/proc/${pid}/cwd`))) ?? "/";
    return resolve(workingDir, selectFlag(argv, "root") ?? "/");
  }
  const stat = (await whenReadable(system.fs.readText(`/proc/${pid}/stat`))) ?? "";
  const [, parent = "0"] = splitProcessStat(stat);
  const parentPid = Number(parent);
  if (!(await isTrusted(system, { pid: parentPid }))) return undefined;
  const shell = await readProcess(system, parentPid);
  const found = shell?.argv.map((word) => CONTAINER.exec(word)?.[1]).find((root) => root !== undefined);
  return found === "" ? "/" : found;
}

/** The roots with a runner of ours, but for this one: who named none may mean another. */
export async function listOtherRoots(
  system: System,
  options: { readonly root: string },
): Promise<readonly string[]> {
  const runners = (await listProcesses(system)).filter(({ argv }) => isRunner(argv));
  const roots = await Promise.all(runners.map((runner) => findSlipwayRoot(system, runner)));
  return [...new Set(roots.flatMap((root) => (root === undefined || root === options.root ? [] : [root])))];
}
