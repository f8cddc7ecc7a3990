import { messageIn } from "../../core/errors.ts";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Pod, Volume } from "../../pod/types.ts";
import type { System } from "../../system/system.ts";
import { prepareEmptyDir } from "./prepare-empty-dir.ts";
import { prepareHostPath } from "./prepare-host-path.ts";
import { managedKindOf, volumeDir } from "./volume-dir.ts";
import { writeProjectedFiles } from "./write-projected-files.ts";

type Tools = Pick<System, "fs" | "exec" | "host" | "random">;

/** Where a runner keeps its pods' directories and notes what it makes elsewhere. */
export interface VolumePlaces {
  readonly podsDir: string;
  /** One JSON line for each path that was made outside the runner's own trees, written before it is made. */
  readonly madePathsPath: string;
}

/**
 * Makes or checks every volume of a pod; the first one that cannot be had is told as a sentence. Twice is fine.
 * Source: kubelet volumemanager (what the kinds do: each in its own file here).
 */
export async function prepareVolumes(
  system: Tools,
  options: VolumePlaces & { readonly pod: Pod; readonly allocatable: ResourceAmounts },
): Promise<string | undefined> {
  for (const volume of options.pod.spec.volumes ?? []) {
    try {
      const problem = await prepareVolume(system, { ...options, volume });
      if (problem !== undefined) return `volume ${volume.name}: ${problem}`;
    } catch (error) {
      return `volume ${volume.name}: ${messageIn(error, options.podsDir)}`;
    }
  }
  return undefined;
}

function prepareVolume(
  system: Tools,
  options: VolumePlaces & {
    readonly pod: Pod;
    readonly allocatable: ResourceAmounts;
    readonly volume: Volume;
  },
): Promise<string | undefined> {
  const { volume } = options;
  const { hostPath, emptyDir, name } = volume;
  if (hostPath !== undefined) return prepareHostPath(system, { ...options, hostPath });
  const kind = managedKindOf(volume);
  if (kind === undefined) return Promise.resolve(describeUnsupported(volume));
  const dir = volumeDir({ ...options, kind, name });
  if (emptyDir !== undefined) return prepareEmptyDir(system, { ...options, dir, emptyDir });
  return writeProjectedFiles(system, { ...options, dir });
}

function describeUnsupported(volume: Volume): string {
  const kind = Object.keys(volume).find((key) => key !== "name") ?? "no source";
  return `${kind} volumes need a container runtime; emptyDir, hostPath, downwardAPI and projected work without`;
}
