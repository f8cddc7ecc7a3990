import { describeRefusal } from "../control/describe-refusal.ts";
import type { RefusedManifest } from "../control/protocol.ts";
import type { System } from "../system/system.ts";
import { mergeSnapshots } from "./merge-snapshots.ts";
import type { EventRecorder, SourceSnapshot } from "./types.ts";
import { createWorkerSet, type WorkerSet, type WorkerSetOptions } from "./worker-set.ts";

/** Follows the sources: what they name together is what the workers run. */
export interface Reconciler {
  readonly workers: WorkerSet;
  /** The pods of one source, whole. Nothing is stopped before every source has told its pods once. */
  apply(snapshot: SourceSnapshot): void;
  /** Files that are not run, and why. */
  refused(): readonly RefusedManifest[];
}

/** Takes up again what an earlier runner left, then follows the sources. Source: kubelet config/config.go, mux.go. */
export function createReconciler(
  system: System,
  options: WorkerSetOptions & { readonly sources: readonly SourceSnapshot["source"][] },
): Reconciler {
  const workers = createWorkerSet(system, options);
  const snapshots = new Map<string, SourceSnapshot>();
  let refused: readonly RefusedManifest[] = [];
  return {
    workers,
    apply: (snapshot) => {
      snapshots.set(snapshot.source, snapshot);
      if (options.sources.some((source) => !snapshots.has(source))) return;
      const merged = mergeSnapshots({
        snapshots: options.sources.flatMap((source) => snapshots.get(source) ?? []),
        runningOrigin: (fullName) => workers.find(fullName)?.known.desired.origin,
      });
      tellRefused(system, { ...options, before: refused, now: merged.refused });
      refused = merged.refused;
      workers.follow(merged.pods);
      options.onChange();
    },
    refused: () => refused,
  };
}

/**
 * One line and one event a file and reason, and a line when it is no longer refused. No pod of the runner's is meant, so
 * the cluster is told it of the Node. Source: kubelet config/config.go filterInvalidPods (type and reason).
 */
function tellRefused(
  system: Pick<System, "log">,
  options: {
    readonly before: readonly RefusedManifest[];
    readonly now: readonly RefusedManifest[];
    readonly events: EventRecorder;
  },
): void {
  for (const refused of options.now) {
    const { origin, message, keepsLastGood } = refused;
    if (options.before.some((entry) => entry.message === message && entry.origin === origin)) continue;
    system.log.warn("manifest refused", { origin, why: message, lastGoodKeepsRunning: keepsLastGood });
    options.events.record({
      ...{ type: "Warning", reason: "FailedValidation", message: `${origin}: ${describeRefusal(refused)}` },
      ...{ pod: undefined, namespace: undefined, container: undefined },
    });
  }
  for (const { origin } of options.before) {
    if (options.now.some((entry) => entry.origin === origin)) continue;
    system.log.info("manifest no longer refused", { origin });
  }
}
