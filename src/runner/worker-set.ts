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
import {
  createPodWorker,
  type PodWorker,
  type ShutdownOptions,
  type WorkerOptions,
} from "./pod/pod-worker.ts";
import { createInertFieldTeller } from "./settings/tell-inert-fields.ts";
import { stopInOrder } from "./stop-in-order.ts";
import type { DesiredPod, KubeletConfiguration } from "./types.ts";

/**
 * One worker for each version of a pod, and never two that run under one full name or one UID: an edited pod's new
 * version waits for the end of the old one, and only the newest version waits.
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
  /** Stops all pods in order and starts none any more. The next runner goes on with them, as after a power cut. */
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
  /** Awaited when all pods are stopped, between one group and the next. */
  readonly onStageEnd: () => Promise<void>;
  /** What pods may be refused for; asked before each start. */
  readonly node: () => NodeFacts;
};

const NOTHING_LEFT = { runs: [], saved: undefined };

/** Takes up again what an earlier runner left. */
export function createWorkerSet(system: System, options: WorkerSetOptions): WorkerSet {
  const workers = new Map<string, PodWorker>();
  const all = (): readonly PodWorker[] => [...workers.values()];
  const held = createHeldPods(system, options);
  const tellInertFields = createInertFieldTeller(system, options);
  /** How pods that were stopped with the machine have ended: their mirrors show it. */
  const left: ReturnType<PodWorker["report"]>[] = [];
  let wanted: ReadonlyMap<string, DesiredPod> = new Map();
  let phase: "unknowing" | "following" | "stopping" | "closed" = "unknowing";

  const start = (known: KnownPod, found: Pick<WorkerOptions, "runs" | "saved">): void => {
    const onTurn = (turn: "ready" | "over"): void =>
      turn === "over" ? queueMicrotask(reconcile) : hurryDependents(known.desired.pod, workers.values());
    workers.set(known.hash, createPodWorker(system, { ...options, ...found, known, onTurn }));
  };
  const stop = async (worker: PodWorker, shutdown?: ShutdownOptions): Promise<void> => {
    const stays = shutdown !== undefined && !worker.isStopping();
    await worker.stop(shutdown);
    if (stays) left.push(worker.report());
    workers.delete(worker.known.hash);
    reconcile();
    options.onChange();
  };
  const reconcile = (): void => {
    if (phase === "unknowing" || phase === "closed") return;
    const goesDown = phase === "stopping";
    for (const worker of goesDown ? [] : workers.values()) {
      if (wanted.has(worker.known.hash)) worker.confirm();
      else if (!worker.isStopping()) void stop(worker);
    }
    held.keepOnly(wanted);
    const present = [...all().map(({ known }) => known.desired.pod), ...left.map(({ pod }) => pod)];
    for (const [hash, entry] of selectFree(wanted, present)) {
      if (!held.mayStart(hash, { entry, beside: all(), goesDown })) continue;
      system.log.info("pod added", { pod: fullNameOf(entry.pod), origin: entry.origin });
      tellInertFields(entry.pod);
      start({ desired: entry, hash, startedAtMs: system.clock.nowMs() }, NOTHING_LEFT);
    }
  };
  const find = (fullName: string): PodWorker | undefined => findActive(all(), fullName);

  for (const { containers: runs, ...rest } of options.found) start(rest.known, { ...rest, runs });
  options.runner.runtime.onExit((run) => workers.get(podHashOf(run) ?? "")?.exited(run));
  return {
    list: all,
    reports: () => [...all().map((worker) => worker.report()), ...held.reports(), ...left],
    find,
    askAgain: reconcile,
    restart: (fullName) => restartOrAsk(find(fullName), { isHeld: held.has(fullName), askAgain: reconcile }),
    follow: (pods) => {
      wanted = new Map(pods.map((entry) => [hashPod(entry.pod), entry] as const).sort(byPriority));
      if (phase === "unknowing") phase = "following";
      reconcile();
    },
    stopPods: () => {
      phase = "stopping";
      return stopInOrder(system, { ...options, workers: all(), stop });
    },
    close: async () => {
      phase = "closed";
      await Promise.all(all().map((worker) => worker.close()));
    },
  };
}

function restartOrAsk(
  worker: PodWorker | undefined,
  { isHeld, askAgain }: { readonly isHeld: boolean; readonly askAgain: () => void },
): RestartOutcome | undefined {
  (worker?.restart ?? askAgain)();
  if (worker !== undefined) return "restarted";
  return isHeld ? "askedAgain" : undefined;
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

/** The wanted pods, by hash, whose name and UID none has that is there: volumes and cgroup of a pod are its UID's. */
function selectFree(
  wanted: ReadonlyMap<string, DesiredPod>,
  present: readonly Pod[],
): readonly (readonly [string, DesiredPod])[] {
  const identitiesOf = (pod: Pod): readonly string[] => [
    `name ${fullNameOf(pod)}`,
    `uid ${pod.metadata.uid}`,
  ];
  const taken = new Set(present.flatMap(identitiesOf));
  return [...wanted].filter(([, { pod }]) => !identitiesOf(pod).some((identity) => taken.has(identity)));
}

function fullNameOfWorker(worker: PodWorker): string {
  return fullNameOf(worker.known.desired.pod);
}
