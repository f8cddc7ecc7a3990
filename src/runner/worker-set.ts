import { fullNameOf, hashPod } from "../pod/default-pod.ts";
import type { Pod, PodStatus } from "../pod/types.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import { type KnownPod, podHashOf } from "./container-annotations.ts";
import { findInertFields } from "./inert-fields.ts";
import { dependsOn, planStop } from "./plan-stop.ts";
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

/** A pod that an earlier runner left, with its containers and the status that it saved. */
export interface FoundPod {
  readonly known: KnownPod;
  readonly containers: readonly RuntimeContainer[];
  readonly lastStatus: PodStatus | undefined;
}

/** What a set is made from. */
export type WorkerSetOptions = Omit<WorkerOptions, "known" | "runs" | "lastStatus" | "onTurn"> & {
  /** The pods that an earlier runner left. */
  readonly found: readonly FoundPod[];
};

/** Takes up again what an earlier runner left. */
export function createWorkerSet(system: System, options: WorkerSetOptions): WorkerSet {
  const workers = new Map<string, PodWorker>();
  const toldFields = new Set<string>();
  let desired: readonly DesiredPod[] = [];
  let phase: "following" | "stopping" | "closed" = "following";

  const start = (known: KnownPod, left: Pick<WorkerOptions, "runs" | "lastStatus">): void => {
    const onTurn = (): void => hurryDependents(known.desired.pod, workers.values());
    workers.set(known.hash, createPodWorker(system, { ...options, ...left, known, onTurn }));
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
      const known = { desired: entry, hash, startedAtMs: system.clock.nowMs() };
      start(known, { runs: [], lastStatus: undefined });
    }
  };

  for (const { known, containers, lastStatus } of options.found)
    start(known, { runs: containers, lastStatus });
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

/** A control plane pod that waits for its back-off goes on when what it talks to has become ready. */
function hurryDependents(pod: Pod, workers: Iterable<PodWorker>): void {
  for (const worker of workers) {
    if (dependsOn(worker.known.desired.pod, pod)) worker.hurry();
  }
}

function fullNameOfWorker(worker: PodWorker): string {
  return fullNameOf(worker.known.desired.pod);
}

/** One line a field for the life of the runner. */
function tellInertFields(
  system: Pick<System, "host" | "log">,
  options: { readonly pod: DesiredPod["pod"]; readonly told: Set<string> },
): void {
  for (const { field, why } of findInertFields(options.pod, system.host)) {
    if (options.told.has(field)) continue;
    options.told.add(field);
    system.log.info("field has no effect here", { field, why, pod: options.pod.metadata.name });
  }
}
