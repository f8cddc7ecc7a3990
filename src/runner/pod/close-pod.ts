import { join } from "node:path";
import { removeTree } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import { podLogDir } from "../container/build-container-spec.ts";
import type { PodContext } from "../container/container-context.ts";
import type { ContainerSlot } from "../container/container-slot.ts";
import { releaseVolumes } from "../volumes/release-volumes.ts";

interface EndedPod {
  readonly context: PodContext;
  readonly slots: readonly ContainerSlot[];
  /** It is forgotten with its volumes and logs. */
  readonly forGood: boolean;
}

/** Nothing of the pod runs, and nothing stays mounted. */
export async function closePod(
  system: Pick<System, "exec" | "fs" | "log">,
  options: EndedPod,
): Promise<void> {
  const { context, forGood } = options;
  const { paths, kubelet, logDirs } = context.runner;
  const { pod } = context.known.desired;
  if (forGood) await forgetRuns(options);
  await releaseVolumes(system, { pod, podsDir: paths.podsDir });
  if (forGood) {
    await removeTree(system, join(paths.podsDir, pod.metadata.uid));
    logDirs.release(podLogDir(pod, kubelet));
  }
  system.log.info("pod stopped", { pod: pod.metadata.name, namespace: pod.metadata.namespace });
}

async function forgetRuns({ slots, context }: EndedPod): Promise<void> {
  await context.record.drop();
  const runs = slots.flatMap((slot) => [slot.previous, slot.newest]);
  for (const run of runs) {
    if (run !== undefined) await context.runner.runtime.remove(run.id);
  }
}
