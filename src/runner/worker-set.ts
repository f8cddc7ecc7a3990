import type { PodReport, RestartOutcome } from "../control/protocol.ts";
import { fullNameOf, hashPod } from "../pod/default-pod.ts";
import type { Pod } from "../pod/types.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import type { NodeFacts } from "./admission/admit-pod.ts";
import { type KnownPod, podHashOf } from "./container/container-annotations.ts";
import { dependsOn } from "./plan-stop.ts";
import { byPriority, createHeldPods } from "./pod/held-pods.ts";
import type { SavedPod } from "./pod/pod-record.ts";
import { createPodWorker, type PodWorker, type WorkerOptions } from "./pod/pod-worker.ts";
import { findInertFields } from "./settings/inert-fields.ts";
import { stopInOrder } from "./stop-in-order.ts";
import type { DesiredPod, KubeletConfiguration } from "./types.ts";

/**
 * One worker for each version of a pod, and never two that run under one full name: an edited pod's new version waits
 * for the end of the old one, and only the newest version waits.
 */
export interface WorkerSet {
  list(): readonly PodWorker[];
  /** All pods as the control socket shows them, also those that are not started. */
  reports(): readonly Omit<PodReport, "mirrorProblem">[];
  /** The worker of a full name that is not on its way out. */
  find(fullName: string): PodWorker | undefined;
  /** What should run from now on, whole. */
  follow(desired: readonly DesiredPod[]): void;
  /** Asks again whether the pods may run that have not been started. */
  askAgain(): void;
  /** Restarts a pod, or asks again whether it may run; undefined when there is none of that full name. */
  restart(fullName: string): RestartOutcome | undefined;
  /** Stops all pods in order and starts none any more. */
  stopPods(): Promise<void>;
  /** Stops watching. Pods go on. */
  close(): Promise<void>;
}

/** A pod that an earlier runner left, with its containers and what it saved. */
export interface FoundPod {
  readonly known: KnownPod;
  readonly containers: readonly RuntimeContainer[];
  readonly saved: SavedPod | undefined;
}

/** What a set is made from. */
export type WorkerSetOptions = Omit<WorkerOptions, "known" | "runs" | "saved" | "onTurn"> & {
  /** The pods that an earlier runner left. */
  readonly found: readonly FoundPod[];
  readonly nodeName: string;
  readonly shutdownPeriods: KubeletConfiguration["shutdownPeriods"];
  /** What pods may be refused for; asked before each start. */
  readonly node: () => NodeFacts;
};

const NOTHING_LEFT = { runs: [], saved: undefined };

/** Takes up again what an earlier runner left. */
export function createWorkerSet(system: System, options: WorkerSetOptions): WorkerSet {
  const workers = new Map<string, PodWorker>();
  const held = createHeldPods(system, options);
  const toldFields = new Set<string>();
  let wanted: ReadonlyMap<string, DesiredPod> = new Map();
  let phase: "unknowing" | "following" | "stopping" | "closed" = "unknowing";

  const start = (known: KnownPod, left: Pick<WorkerOptions, "runs" | "saved">): void => {
    const onTurn = (turn: "ready" | "over"): void =>
      turn === "over" ? queueMicrotask(reconcile) : hurryDependents(known.desired.pod, workers.values());
    workers.set(known.hash, createPodWorker(system, { ...options, ...left, known, onTurn }));
  };
  const stop = async (worker: PodWorker, maxGraceSeconds?: number): Promise<void> => {
    await worker.stop({ maxGraceSeconds });
    workers.delete(worker.known.hash);
    reconcile();
    options.onChange();
  };
  const reconcile = (): void => {
    if (phase !== "following") return;
    for (const worker of workers.values()) {
      if (wanted.has(worker.known.hash)) worker.confirm();
      else if (!worker.isStopping()) void stop(worker);
    }
    held.keepOnly(wanted);
    const taken = new Set([...workers.values()].map(fullNameOfWorker));
    for (const [hash, entry] of wanted) {
      const isTaken = taken.has(fullNameOf(entry.pod));
      if (isTaken || !held.mayStart(hash, { entry, beside: [...workers.values()] })) continue;
      system.log.info("pod added", { pod: fullNameOf(entry.pod), origin: entry.origin });
      tellInertFields(system, { pod: entry.pod, told: toldFields });
      start({ desired: entry, hash, startedAtMs: system.clock.nowMs() }, NOTHING_LEFT);
    }
  };
  const find = (fullName: string): PodWorker | undefined => findActive([...workers.values()], fullName);

  for (const { containers: runs, ...left } of options.found) start(left.known, { ...left, runs });
  options.runner.runtime.onExit((run) => workers.get(podHashOf(run) ?? "")?.exited(run));
  return {
    list: () => [...workers.values()],
    reports: () => [...[...workers.values()].map((worker) => worker.report()), ...held.reports()],
    find,
    askAgain: reconcile,
    restart: (fullName) => {
      const worker = find(fullName);
      const wasHeld = worker === undefined && held.has(fullName);
      (worker?.restart ?? reconcile)();
      return worker !== undefined ? "restarted" : wasHeld ? "askedAgain" : undefined;
    },
    follow: (pods) => {
      wanted = new Map(pods.map((entry) => [hashPod(entry.pod), entry] as const).sort(byPriority));
      if (phase === "unknowing") phase = "following";
      reconcile();
    },
    stopPods: () => {
      phase = "stopping";
      return stopInOrder(system, { ...options, workers: [...workers.values()], stop });
    },
    close: async () => {
      phase = "closed";
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}

function findActive(workers: readonly PodWorker[], fullName: string): PodWorker | undefined {
  return workers.find((worker) => !worker.isStopping() && fullNameOfWorker(worker) === fullName);
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
