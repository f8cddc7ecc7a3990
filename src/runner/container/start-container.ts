import { dirname } from "node:path";
import { messageIn, messageOf, SlipwayError } from "../../core/errors.ts";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Container } from "../../pod/types.ts";
import { noteMadePath } from "../../runtime/made-paths.ts";
import type { RuntimeContainer } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { PodLogDirs } from "../pod/pod-log-dirs.ts";
import type { KnownServices } from "../services/known-services.ts";
import type { RunnerOptions } from "../types.ts";
import type { ClusterDns } from "../volumes/network-files.ts";
import { prepareMounts } from "../volumes/prepare-mounts.ts";
import { prepareVolumes } from "../volumes/prepare-volumes.ts";
import { buildContainerSpec, podLogDir, type StartProblem } from "./build-container-spec.ts";
import type { KnownPod } from "./container-annotations.ts";
import { describeAbsence } from "./describe-absence.ts";
import { prepareTerminationMessage } from "./prepare-termination-message.ts";
import { readEnvFiles } from "./read-env-files.ts";

/** How an attempt to start a container went. */
export type StartResult =
  | { readonly kind: "started"; readonly run: RuntimeContainer }
  | ({ readonly kind: "problem" } & StartProblem);

/** The runner's options that a start depends on. */
export type StartOptions = Pick<RunnerOptions, "nodeIp" | "paths" | "runtime"> & {
  readonly kubelet: Pick<RunnerOptions["kubelet"], "podLogsDir" | "podPidsLimit" | keyof ClusterDns>;
  readonly logDirs: PodLogDirs;
  readonly services: Pick<KnownServices, "list">;
  /** What the node lets pods have. */
  readonly allocatable: ResourceAmounts;
  /** Whether a container can have mounts of its own. */
  readonly canMount: boolean;
};

/** Why a pod's containers cannot be started yet, for their status, and the event that tells it of the pod. */
export interface PrepareProblem extends StartProblem {
  readonly event: { readonly reason: string; readonly message: string };
}

/**
 * Makes the pod's volumes, or tells why they cannot be had. Source: kubelet.go SyncPod, operation_generator.go
 * GenerateMountVolumeFunc (events).
 */
export async function preparePod(
  system: Pick<System, "fs" | "exec" | "host" | "random">,
  options: { readonly known: KnownPod; readonly runner: StartOptions },
): Promise<PrepareProblem | undefined> {
  const { paths, kubelet, allocatable } = options.runner;
  const { pod } = options.known.desired;
  const tell = (message: string, event: PrepareProblem["event"]): PrepareProblem => {
    return { reason: "ContainerCreating", message, event };
  };
  const logDir = podLogDir(pod, kubelet);
  const unnoted = await noteLogDir(system, { notesPath: paths.madePathsPath, logDir });
  if (unnoted !== undefined) {
    const message = `error making pod data directories: ${unnoted}`;
    return tell(unnoted, { reason: "FailedToMakePodDataDirectories", message });
  }
  const unmounted = await prepareVolumes(system, { ...paths, pod, allocatable });
  if (unmounted === undefined) return undefined;
  return tell(unmounted, { reason: "FailedMount", message: `MountVolume.SetUp failed for ${unmounted}` });
}

/** Notes that the pod's log directory will be made, or tells why that cannot be noted: the disk may be full. */
async function noteLogDir(
  system: Pick<System, "fs">,
  { notesPath, logDir }: { readonly notesPath: string; readonly logDir: string },
): Promise<string | undefined> {
  try {
    if ((await system.fs.stat(logDir)) !== undefined) return undefined;
    await noteMadePath(system, { notesPath, made: { kind: "tree", path: logDir } });
    return undefined;
  } catch (error) {
    return `log directory ${logDir}: ${messageIn(error, dirname(notesPath))}`;
  }
}

/**
 * Starts one container of a pod. What keeps it from starting is a result, for it is shown and tried again.
 * Source: kubelet kuberuntime_container.go startContainer (order and reasons).
 */
export async function startContainer(
  system: Pick<System, "fs" | "host" | "log">,
  options: {
    readonly known: KnownPod;
    readonly container: Container;
    readonly attempt: number;
    readonly restartsInARow: number;
    readonly runner: StartOptions;
  },
): Promise<StartResult> {
  const { known, container, runner } = options;
  const { pod } = known.desired;
  const { podsDir } = runner.paths;
  const built = buildContainerSpec({
    ...options,
    envFiles: await readEnvFiles(system, { pod, container, podsDir }),
    services: runner.services.list(),
    nodeIp: runner.nodeIp,
    host: system.host,
    allocatable: runner.allocatable,
    podPidsLimit: runner.kubelet.podPidsLimit ?? -1,
    podLogsDir: runner.kubelet.podLogsDir,
    containerLogsDir: runner.paths.containerLogsDir,
  });
  if (built.kind === "problem") return built;
  try {
    const { env } = built.spec;
    const { kubelet: dns, canMount } = runner;
    const prepared = await prepareMounts(system, { pod, container, podsDir, env, dns, canMount });
    if (prepared.kind === "problem") {
      return { kind: "problem", reason: "CreateContainerConfigError", message: prepared.message };
    }
    const mounted = { ...built.spec, mounts: prepared.mounts };
    const said = await prepareTerminationMessage(system, { pod, container, podsDir, spec: mounted });
    const spec = { ...mounted, ...said };
    const image = await runner.runtime.checkImage(spec);
    if (image.kind === "absent") return { kind: "problem", ...describeAbsence(container, image) };
    return { kind: "started", run: await runner.runtime.start(spec) };
  } catch (error) {
    return describeStartError(system, { error, podsDir });
  }
}

function describeStartError(
  system: Pick<System, "log">,
  { error, podsDir }: { readonly error: unknown; readonly podsDir: string },
): StartResult {
  if (error instanceof SlipwayError && error.code === "SLIPWAY_IMAGE_UNAVAILABLE") {
    return { kind: "problem", reason: "ErrImagePull", message: error.message };
  }
  if (!(error instanceof SlipwayError))
    system.log.error("starting a container failed", { error: messageOf(error) });
  return { kind: "problem", reason: "RunContainerError", message: messageIn(error, podsDir) };
}
