import { dirname } from "node:path";
import type { Removal } from "../apply/reset/build-reset-plan.ts";
import type { ListedReset } from "../apply/reset/read-reset-plan.ts";

/** So many neighbours in one directory have one line. */
const NEIGHBOURS = 3;

const REMOVAL_NOTES: Readonly<Partial<Record<Removal["kind"], string>>> = {
  tree: " and all that is in it",
  "shared-dir": " if nothing else is in it",
};

/** What goes, a line each; a container that was restarted has the records of its last runs, too, and one line. */
export function describeResetPlan(plan: ListedReset): readonly string[] {
  return [
    ...new Set(plan.containers.map(({ pod, container }) => `stop    ${pod} (${container})`)),
    ...plan.runnerPids.map((pid) => `stop    the runner, pid ${pid}`),
    ...plan.changedCopies.map(describeCopy),
    ...plan.strays.map(describeStray),
    ...plan.removals.map(describeRemoval),
  ];
}

/** The same in few lines, for a person who is asked: what lies in a directory is counted with it. */
export function summarizeResetPlan(plan: ListedReset): readonly string[] {
  const pods = [...new Set(plan.containers.map(({ pod }) => pod))];
  const mounts = plan.removals.filter(({ kind }) => kind === "mount");
  const paths = plan.removals.filter(({ kind }) => kind !== "mount");
  return [
    ...(pods.length === 0 ? [] : [`stop    ${pods.join(", ")}`]),
    ...plan.runnerPids.map((pid) => `stop    the runner, pid ${pid}`),
    ...plan.changedCopies.map(describeCopy),
    ...plan.strays.slice(0, NEIGHBOURS).map(describeStray),
    ...(plan.strays.length > NEIGHBOURS
      ? [`keep    ${plan.strays.length - NEIGHBOURS} more such paths`]
      : []),
    ...(mounts.length < NEIGHBOURS ? mounts.map(describeRemoval) : [`unmount ${mounts.length} file systems`]),
    ...summarizePaths(paths),
  ];
}

function summarizePaths(removals: readonly Removal[]): readonly string[] {
  const known = new Set(removals.map(({ path }) => path));
  const tops = removals.filter(({ path }) => !ancestors(path).some((dir) => known.has(dir)));
  const dirs = [...new Set(tops.map(({ path }) => dirname(path)))];
  return dirs.flatMap((dir) => {
    const there = tops.filter(({ path }) => dirname(path) === dir);
    const files = there.filter(({ kind }) => kind === "file");
    if (files.length < NEIGHBOURS) return there.map((top) => describeTop(top, removals));
    const rest = there.filter(({ kind }) => kind !== "file");
    return [...rest.map((top) => describeTop(top, removals)), `remove  ${files.length} files in ${dir}`];
  });
}

function describeTop(top: Removal, removals: readonly Removal[]): string {
  const below = removals.filter(({ path }) => path.startsWith(`${top.path}/`)).length;
  if (below === 0) return describeRemoval(top);
  const count = below === 1 ? "1 path" : `${below} paths`;
  if (top.keep) return `empty   ${top.path} of ${count} of ours; it was there before`;
  return `remove  ${top.path} with ${count}`;
}

function ancestors(path: string): readonly string[] {
  const dir = dirname(path);
  return dir === path ? [] : [dir, ...ancestors(dir)];
}

function describeCopy(path: string): string {
  return `keep    ${path}, which was changed since init wrote it`;
}

function describeStray(path: string): string {
  return `keep    ${path}, which Slipway did not make: reset ends only when it is moved away or removed`;
}

function describeRemoval({ kind, path, keep }: Removal): string {
  if (keep) return `keep    ${path}, which was there before${kind === "tree" ? "; what is in it goes" : ""}`;
  if (kind === "mount") return `unmount ${path}`;
  return `remove  ${path}${REMOVAL_NOTES[kind] ?? ""}`;
}
