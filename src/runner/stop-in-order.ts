import type { System } from "../system/system.ts";
import { waitAtMost } from "../system/wait-at-most.ts";
import { planStop } from "./plan-stop.ts";
import type { PodWorker, ShutdownOptions } from "./pod/pod-worker.ts";
import type { ShutdownPeriod } from "./settings/shutdown-periods.ts";

/**
 * Stops pods stage by stage. With periods the next stage begins when a stage has ended or its period is over; stages
 * of one period share it. Before the next stage what has ended is told. Resolves when all have ended.
 * Source: kubelet nodeshutdown/nodeshutdown_manager.go killPods.
 */
export async function stopInOrder(
  system: Pick<System, "clock">,
  options: {
    readonly workers: readonly PodWorker[];
    readonly shutdownPeriods: readonly ShutdownPeriod[];
    readonly stop: (worker: PodWorker, shutdown: ShutdownOptions) => Promise<void>;
    /** The next stage may end the API server. */
    readonly onStageEnd: () => Promise<void>;
  },
): Promise<void> {
  const entries = options.workers.map((worker) => ({ worker, pod: worker.known.desired.pod }));
  const endsMs = new Map<ShutdownPeriod, number>();
  const stops: Promise<void>[] = [];
  for (const { pods, period } of planStop(entries, options.shutdownPeriods)) {
    const nowMs = system.clock.monotonicMs();
    const endMs =
      period === undefined ? undefined : (endsMs.get(period) ?? nowMs + period.graceSeconds * 1000);
    if (period !== undefined && endMs !== undefined) endsMs.set(period, endMs);
    const leftMs = endMs === undefined ? undefined : Math.max(0, endMs - nowMs);
    const shutdown = { maxGraceSeconds: leftMs === undefined ? undefined : leftMs / 1000 };
    const stage = Promise.all(pods.map(({ worker }) => options.stop(worker, shutdown)));
    stops.push(stage.then(() => undefined));
    await waitAtMost(system, { work: stage, leftMs });
    await options.onStageEnd();
  }
  await Promise.all(stops);
}
