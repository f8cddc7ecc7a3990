import { fullNameOf, hashPod } from "../pod/default-pod.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import { groupByPod, type KnownPod, podHashOf } from "./container-annotations.ts";
import { findInertFields } from "./inert-fields.ts";
import { planStop } from "./plan-stop.ts";
import { createPodWorker, type PodWorker, type WorkerOptions } from "./pod-worker.ts";
import type { DesiredPod } from "./types.ts";

/**
 * One worker for each version of a pod, and never two that run under one full name: an edited pod's new version waits
 * for the end of the old one, and only the newest version waits.
 */
export interface WorkerSet {
  list(): readonly PodWorker[];
  /** The worker of a full name that is not on its way out. */
  find(fullName: string): PodWorker | undefined;
  /** What should run from now on, whole. */
  follow(desired: readonly DesiredPod[]): void;
  /** Stops all pods in order and starts none any more. */
  stopPods(): Promise<void>;
  /** Stops watching. Pods go on. */
  close(): Promise<void>;
}

/** What a set is made from. */
export type WorkerSetOptions = Omit<WorkerOptions, "known" | "runs"> & {
  /** The containers that an earlier runner left. */
  readonly found: readonly RuntimeContainer[];
};

/** Takes up again what an earlier runner left. */
export function createWorkerSet(system: System, options: WorkerSetOptions): WorkerSet {
  const workers = new Map<string, PodWorker>();
  const toldFields = new Set<string>();
  let desired: readonly DesiredPod[] = [];
  let phase: "following" | "stopping" | "closed" = "following";

  const start = (known: KnownPod, runs: readonly RuntimeContainer[]): void => {
    workers.set(known.hash, createPodWorker(system, { ...options, known, runs }));
  };
  const stop = async (worker: PodWorker): Promise<void> => {
    await worker.stop();
    workers.delete(worker.known.hash);
    reconcile();
    options.onChange();
  };
  const reconcile = (): void => {
    if (phase !== "following") return;
    const wanted = new Map(desired.map((entry) => [hashPod(entry.pod), entry]));
    for (const worker of workers.values()) {
      if (wanted.has(worker.known.hash)) worker.confirm();
      else if (!worker.isStopping()) void stop(worker);
    }
    const taken = new Set([...workers.values()].map(fullNameOfWorker));
    for (const [hash, entry] of wanted) {
      if (taken.has(fullNameOf(entry.pod))) continue;
      system.log.info("pod added", { pod: fullNameOf(entry.pod), origin: entry.origin });
      tellInertFields(system, { pod: entry.pod, told: toldFields });
      start({ desired: entry, hash, startedAtMs: system.clock.nowMs() }, []);
    }
  };

  for (const { known, containers } of groupByPod(options.found)) start(known, containers);
  options.runner.runtime.onExit((run) => workers.get(podHashOf(run) ?? "")?.exited(run));
  return {
    list: () => [...workers.values()],
    find: (fullName) =>
      [...workers.values()].find((worker) => !worker.isStopping() && fullNameOfWorker(worker) === fullName),
    follow: (pods) => {
      desired = pods;
      reconcile();
    },
    stopPods: async () => {
      phase = "stopping";
      const entries = [...workers.values()].map((worker) => ({ worker, pod: worker.known.desired.pod }));
      for (const group of planStop(entries)) await Promise.all(group.map(({ worker }) => stop(worker)));
    },
    close: async () => {
      phase = "closed";
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}

function fullNameOfWorker(worker: PodWorker): string {
  return fullNameOf(worker.known.desired.pod);
}

/** One line a field for the life of the runner. */
function tellInertFields(
  system: Pick<System, "log">,
  options: { readonly pod: DesiredPod["pod"]; readonly told: Set<string> },
): void {
  for (const { field, why } of findInertFields(options.pod)) {
    if (options.told.has(field)) continue;
    options.told.add(field);
    system.log.info("field has no effect here", { field, why, pod: options.pod.metadata.name });
  }
}
