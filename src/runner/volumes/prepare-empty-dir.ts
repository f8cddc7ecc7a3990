import { dirname } from "node:path";
import { parseQuantity } from "../../pod/quantity.ts";
import { isPodLimited, type ResourceAmounts, sumPodAmounts } from "../../pod/resource-amounts.ts";
import type { Pod, Volume } from "../../pod/types.ts";
import { noteMadePath } from "../../runtime/made-paths.ts";
import { isMountPoint, runMount } from "../../runtime/mounts.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/** The kernel's own page size on the platforms that we run on; a tmpfs of less has no room for anything. */
const MIN_TMPFS_BYTES = 4096;

/**
 * Makes an emptyDir: 0777, and setgid for the pod's fsGroup. One in memory is a tmpfs, noted before it is mounted; its
 * size is the least of its own limit, the pod's memory limit and what memory the node lets pods have. Gives what is
 * wrong as a sentence.
 * Source: pkg/volume/emptydir/empty_dir.go SetUpAt, calculateEmptyDirMemorySize; pkg/volume/volume_linux.go.
 */
export async function prepareEmptyDir(
  system: Pick<System, "fs" | "exec" | "host">,
  options: {
    readonly dir: string;
    readonly pod: Pod;
    readonly emptyDir: NonNullable<Volume["emptyDir"]>;
    readonly madePathsPath: string;
    readonly allocatable: ResourceAmounts;
  },
): Promise<string | undefined> {
  const { dir, pod, emptyDir, madePathsPath } = options;
  const { medium = "" } = emptyDir;
  if (medium !== "" && medium !== "Memory")
    return `emptyDir medium ${medium} is not supported, only Memory is`;
  await makeDirs(system, { path: dirname(dir), mode: 0o750 });
  const isNew = await system.fs.makeDir(dir, { mode: 0o777 });
  if (medium === "Memory" && !(await isMountPoint(system, dir))) {
    if (system.host.uid !== 0) return "emptyDir medium Memory needs a runner that is root";
    await noteMadePath(system, { notesPath: madePathsPath, made: { kind: "mount", path: dir } });
    const size = computeTmpfsBytes({ pod, emptyDir, memoryBytes: options.allocatable.memory });
    await runMount(system, ["-t", "tmpfs", "-o", `mode=777,size=${size}`, "tmpfs", dir]);
  } else if (!isNew) return undefined;
  const group = pod.spec.securityContext?.fsGroup;
  if (group === undefined) return undefined;
  await system.fs.chown(dir, { uid: system.host.uid, gid: group });
  await system.fs.chmod(dir, 0o2777);
  return undefined;
}

function computeTmpfsBytes(options: {
  readonly pod: Pod;
  readonly emptyDir: NonNullable<Volume["emptyDir"]>;
  readonly memoryBytes: number;
}): number {
  const { pod, emptyDir, memoryBytes } = options;
  const limited = isPodLimited(pod, "memory");
  const podLimit = limited ? sumPodAmounts(pod, { kind: "limits", name: "memory" }) : undefined;
  const ownLimit = parseQuantity(String(emptyDir.sizeLimit ?? ""));
  const limits = [podLimit, ownLimit].filter((limit) => limit !== undefined && limit > 0);
  return Math.max(MIN_TMPFS_BYTES, Math.trunc(Math.min(memoryBytes, ...(limits as number[]))));
}
