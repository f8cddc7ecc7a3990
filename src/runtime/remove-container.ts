import { messageOf } from "../core/errors.ts";
import type { System } from "../system/system.ts";
import { findCgroupDirs, type Hierarchy } from "./cgroups.ts";
import type { ContainerRecord } from "./container-record.ts";
import type { ContainerStore } from "./container-store.ts";
import { logLinkPath } from "./logs/log-link-path.ts";
import type { Processes } from "./processes.ts";
import { removeCgroup } from "./remove-cgroup.ts";
import { sweepContainer } from "./sweep-container.ts";

/** A container that is not there any more, or never was. */
interface Gone {
  readonly store: ContainerStore;
  readonly record: ContainerRecord;
}

/**
 * Undoes a start whose process has not said who it is, or goes on with one that was being removed. It is set aside first:
 * a process that is still on its way can say so no more, and ends before it becomes the command; one that was just
 * faster is swept. Tells whether any was.
 */
export async function abandonStart(
  system: System,
  options: Gone & { readonly processes: Processes },
): Promise<boolean> {
  const { store, processes, record } = options;
  await store.setAside(record.id);
  const cgroupDir = record.cgroups?.[0]?.dir;
  const swept = await sweepContainer(system, { processes, containerId: record.id, cgroupDir });
  await removeContainerFiles(system, options);
  return swept;
}

/** Removes all that is on disk of a container that does not run: cgroups, log link and directory, but not its log. */
export function removeContainerFiles(system: System, { store, record }: Gone): Promise<void> {
  const cgroupDirs = (record.cgroups ?? []).map(({ dir }) => dir);
  return removeParts(system, { store, id: record.id, cgroupDirs, linkPath: logLinkPath(record) });
}

/** Ends all of a container that nobody knows any more: its pod would get a second one beside it. */
export async function endUnknown(
  system: System,
  options: {
    readonly id: string;
    readonly store: ContainerStore;
    readonly processes: Processes;
    readonly hierarchies: readonly Hierarchy[];
  },
): Promise<void> {
  const { id, store, processes, hierarchies } = options;
  const hadRecord = (await system.fs.stat(store.pathsOf(id).recordPath)) !== undefined;
  await store.setAside(id);
  const cgroupDirs = await findCgroupDirs(system, { hierarchies, containerId: id });
  const swept = await Promise.all(
    // A shim may not have entered its cgroup yet.
    [cgroupDirs[0], undefined].map((cgroupDir) =>
      sweepContainer(system, { processes, containerId: id, cgroupDir }),
    ),
  );
  await removeParts(system, { store, id, cgroupDirs, linkPath: undefined });
  if (hadRecord || swept.includes(true)) {
    system.log.warn("a container's record cannot be read; it is forgotten, and its pod starts it anew", {
      container: id,
    });
  }
}

/**
 * The directory goes last, so that a later runtime can go on with what is left. What hangs in a cgroup is told, and left
 * to that runtime: nothing else may be held up for it.
 */
async function removeParts(
  system: System,
  options: {
    readonly store: ContainerStore;
    readonly id: string;
    readonly cgroupDirs: readonly string[];
    readonly linkPath: string | undefined;
  },
): Promise<void> {
  const { store, id, cgroupDirs, linkPath } = options;
  try {
    await store.setAside(id);
    for (const dir of cgroupDirs) await removeCgroup(system, dir);
    if (linkPath !== undefined) await system.fs.removeFile(linkPath);
    await store.remove(id);
  } catch (error) {
    system.log.warn("cannot clean up after a container; it is tried again when the runner starts anew", {
      container: id,
      error: messageOf(error),
    });
  }
}
