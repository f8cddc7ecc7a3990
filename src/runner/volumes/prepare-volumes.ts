import { dirname, join } from "node:path";
import { assertNever } from "../../core/assert-never.ts";
import { HOST_PATH_TYPES } from "../../core/constants.ts";
import { messageOf } from "../../core/errors.ts";
import type { Pod, Volume } from "../../pod/types.ts";
import { noteMadePath } from "../../runtime/made-paths.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

type Files = Pick<System, "fs">;

/** Where a runner keeps its pods' directories and notes what it makes elsewhere. */
export interface VolumePlaces {
  readonly podsDir: string;
  /** One JSON line for each path that was made outside the runner's own trees, written before it is made. */
  readonly madePathsPath: string;
}

/**
 * Makes or checks every volume of a pod; the first one that cannot be had is told as a sentence. Twice is fine.
 * Source: pkg/volume/hostpath/host_path.go, pkg/volume/emptydir/empty_dir.go, kubelet_getters.go.
 */
export async function prepareVolumes(
  system: Files,
  options: VolumePlaces & { readonly pod: Pod },
): Promise<string | undefined> {
  const { pod } = options;
  for (const volume of pod.spec.volumes ?? []) {
    try {
      const problem = await prepareVolume(system, { ...options, volume });
      if (problem !== undefined) return `volume ${volume.name}: ${problem}`;
    } catch (error) {
      return `volume ${volume.name}: ${messageOf(error)}`;
    }
  }
  return undefined;
}

async function prepareVolume(
  system: Files,
  options: VolumePlaces & { readonly pod: Pod; readonly volume: Volume },
): Promise<string | undefined> {
  const { hostPath, emptyDir, name } = options.volume;
  if (emptyDir !== undefined) {
    const parent = join(options.podsDir, options.pod.metadata.uid, "volumes/kubernetes.io~empty-dir");
    await makeDirs(system, { path: parent, mode: 0o750 });
    await system.fs.makeDir(join(parent, name), { mode: 0o777 });
    return undefined;
  }
  if (hostPath === undefined) return undefined;
  return prepareHostPath(system, {
    path: hostPath.path,
    type: toHostPathType(hostPath.type),
    madePathsPath: options.madePathsPath,
  });
}

const EXPECTED = {
  Directory: "directory",
  File: "file",
  Socket: "other",
  CharDevice: "other",
  BlockDevice: "other",
} as const;

type HostPathType = (typeof HOST_PATH_TYPES)[number] | "";

function toHostPathType(type: string | undefined): HostPathType {
  return HOST_PATH_TYPES.find((candidate) => candidate === type) ?? "";
}

async function prepareHostPath(
  system: Files,
  options: { readonly path: string; readonly type: HostPathType; readonly madePathsPath: string },
): Promise<string | undefined> {
  const { path, type, madePathsPath } = options;
  const seen = await system.fs.stat(path);
  switch (type) {
    case "":
      return undefined;
    case "DirectoryOrCreate":
      if (seen === undefined) await makeNotedDirs(system, { path, madePathsPath });
      return seen === undefined || seen.kind === "directory" ? undefined : wrongType(path, "directory");
    case "FileOrCreate":
      if (seen === undefined) {
        await noteMadePath(system, { notesPath: madePathsPath, made: { kind: "file", path } });
        await system.fs.writeAtomic(path, { data: "", mode: 0o644 });
      }
      return seen === undefined || seen.kind === "file" ? undefined : wrongType(path, "file");
    case "Directory":
    case "File":
    case "Socket":
    case "CharDevice":
    case "BlockDevice":
      return seen?.kind === EXPECTED[type] ? undefined : wrongType(path, type.toLowerCase());
    default:
      return assertNever(type);
  }
}

function wrongType(path: string, expected: string): string {
  return `hostPath type check failed: ${path} is not a ${expected}`;
}

async function makeNotedDirs(
  system: Files,
  options: { readonly path: string; readonly madePathsPath: string },
): Promise<void> {
  const { path, madePathsPath } = options;
  if ((await system.fs.stat(path)) !== undefined) return;
  await makeNotedDirs(system, { path: dirname(path), madePathsPath });
  await noteMadePath(system, { notesPath: madePathsPath, made: { kind: "dir", path } });
  await system.fs.makeDir(path, { mode: 0o755 });
}
