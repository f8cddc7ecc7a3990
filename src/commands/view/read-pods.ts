import type { PodReport, RunnerInfo } from "../../control/protocol.ts";
import { describeFileError, SlipwayError } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import type { Container } from "../../pod/types.ts";
import { groupByPod, type KnownPod } from "../../runner/container/container-annotations.ts";
import { type ContainerSlot, createSlot, reportSlot } from "../../runner/container/container-slot.ts";
import { buildPodStatus } from "../../runner/status/pod-status.ts";
import { listLeftContainers } from "../../runtime/list-left-containers.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import { connect } from "../runner/connect.ts";

/** The pods of a root, and who says so. */
export interface PodsAnswer {
  /** Undefined: no runner of the root answers, and the pods are those its records show; none of them is ready. */
  readonly info: RunnerInfo | undefined;
  readonly pods: readonly PodReport[];
  /** Why none answers. */
  readonly problem: SlipwayError | undefined;
}

/** The pods as the runner tells them, or as the records do that it left. Raises SLIPWAY_FILE_ACCESS. */
export async function readPods(system: System, options: { readonly root: string }): Promise<PodsAnswer> {
  try {
    const client = await connect(system, options);
    const [info, pods] = await Promise.all([client.info(), client.pods()]);
    return { info, pods, problem: undefined };
  } catch (error) {
    if (!isWithoutRunner(error)) throw error;
    const paths = buildPaths({ root: options.root, uid: system.host.uid });
    return { info: undefined, pods: await readLeftPods(system, paths), problem: error };
  }
}

/** Whether a failure is that no runner of this root answers. */
export function isWithoutRunner(error: unknown): error is SlipwayError {
  return error instanceof SlipwayError && /^SLIPWAY_(?:RUNNER_|KUBELET_RUNS)/.test(error.code);
}

/** As `readPods`; raises what keeps the runner from answering where no records are either. */
export async function readKnownPods(system: System, options: { readonly root: string }): Promise<PodsAnswer> {
  const answer = await readPods(system, options);
  if (answer.problem !== undefined && answer.pods.length === 0) throw answer.problem;
  return answer;
}

async function readLeftPods(system: System, paths: ClusterPaths): Promise<readonly PodReport[]> {
  try {
    const groups = groupByPod(await listLeftContainers(system, paths.containersDir));
    const byName = new Map(
      groups.map((group) => {
        const { namespace, name } = group.known.desired.pod.metadata;
        return [`${namespace}/${name}`, describeLeftPod(group, system.clock.nowMs())];
      }),
    );
    return [...byName.values()];
  } catch (error) {
    throw describeFileError(error, { action: "read the records in", path: paths.containersDir });
  }
}

function describeLeftPod(
  group: { readonly known: KnownPod; readonly containers: readonly RuntimeContainer[] },
  nowMs: number,
): PodReport {
  const { pod, origin } = group.known.desired;
  const slotOf = (container: Container): ContainerSlot =>
    createSlot(
      container,
      group.containers.filter(({ spec }) => spec.containerName === container.name),
    );
  const slots = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(slotOf);
  const status = buildPodStatus({
    pod,
    nodeIp: "",
    runtimeName: "slipway",
    runnerUser: undefined,
    nowMs,
    startedAtMs: group.known.startedAtMs,
    prepared: true,
    expired: false,
    disrupted: false,
    restartingAll: false,
    containers: new Map(slots.map((slot) => [slot.container.name, observe(slot)])),
    previous: undefined,
  });
  return {
    pod: { ...pod, status },
    origin,
    terminating: false,
    containers: slots.map((slot) => reportSlot(slot, { nextStartMs: undefined, nowMs })),
    mirrorProblem: undefined,
  };
}

/** Nobody probes it, so it is not ready. */
function observe({ newest, previous }: ContainerSlot) {
  const started = newest?.state.kind === "running";
  return { newest, previous, end: undefined, waiting: undefined, ready: false, started };
}
