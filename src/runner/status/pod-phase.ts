import type { Container, ContainerStatus, Pod, PodStatus } from "../../pod/types.ts";
import { isSidecar, type RunEnd, shouldRestart } from "../pod/restart-policy.ts";

/** What the phase depends on besides the spec. */
interface PhaseInput {
  /** A regular container has a record. */
  readonly hasStarted: boolean;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
  /** How the newest run of each container ended, by name. */
  readonly ends: ReadonlyMap<string, RunEnd | undefined>;
}

/** How one container counts. */
type Tally = "waiting" | "unready" | "running" | "restarting" | "succeeded" | "failed";

/** The phase of a pod. Source: kubelet_pods.go getPhase. */
export function computePhase(pod: Pod, input: PhaseInput): PodStatus["phase"] {
  const containers = pod.spec.initContainers ?? [];
  const init = containers.map((container, index) => {
    const tally = tallyOf(pod, { container, status: input.init[index], ends: input.ends });
    return { tally, status: input.init[index], stays: isSidecar(container) };
  });
  if (init.some(({ tally, stays }) => !stays && tally === "failed")) return "Failed";
  const isPending = init.some(({ tally, status, stays }) =>
    stays
      ? !input.hasStarted && (tally === "waiting" || (tally === "running" && status?.started !== true))
      : tally === "waiting" || tally === "running",
  );
  const regular = pod.spec.containers.map((container, index) =>
    tallyOf(pod, { container, status: input.regular[index], ends: input.ends }),
  );
  if (isPending || regular.includes("waiting")) return "Pending";
  const sidecarRuns = init.some(({ tally, stays }) => stays && tally === "running");
  if (sidecarRuns || regular.includes("running") || regular.includes("restarting")) return "Running";
  return regular.includes("failed") ? "Failed" : "Succeeded";
}

function tallyOf(
  pod: Pod,
  seen: {
    readonly container: Container;
    readonly status: ContainerStatus | undefined;
    readonly ends: PhaseInput["ends"];
  },
): Tally {
  const { container, status } = seen;
  if (status?.state.running !== undefined) return "running";
  const terminated = status?.state.terminated ?? status?.lastState.terminated;
  if (terminated === undefined) return "waiting";
  const end = seen.ends.get(container.name) ?? { exitCode: terminated.exitCode, condemned: false };
  if (shouldRestart({ pod, container, end })) return "restarting";
  return end.exitCode === 0 ? "succeeded" : "failed";
}
