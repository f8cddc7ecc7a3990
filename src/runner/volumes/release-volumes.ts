import { messageOf } from "../../core/errors.ts";
import type { Pod } from "../../pod/types.ts";
import { unmount } from "../../runtime/mounts.ts";
import type { System } from "../../system/system.ts";
import { isInMemory, volumeDir } from "./volume-dir.ts";

/** Unmounts what was mounted for a pod that has ended, so that its directory can be removed; what stays is logged. */
export async function releaseVolumes(
  system: Pick<System, "fs" | "exec" | "log">,
  options: { readonly pod: Pod; readonly podsDir: string },
): Promise<void> {
  for (const volume of options.pod.spec.volumes ?? []) {
    if (!isInMemory(volume)) continue;
    const dir = volumeDir({ ...options, kind: "emptyDir", name: volume.name });
    try {
      await unmount(system, dir);
    } catch (error) {
      system.log.warn("a volume stays mounted", { dir, error: messageOf(error) });
    }
  }
}
