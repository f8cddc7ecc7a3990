import { messageOf, SlipwayError } from "../core/errors.ts";
import type { Container } from "../pod/types.ts";
import { noteMadePath } from "../runtime/made-paths.ts";
import type { RuntimeContainer } from "../runtime/types.ts";
import type { System } from "../system/system.ts";
import { buildContainerSpec, podLogDir, type StartProblem } from "./build-container-spec.ts";
import type { KnownPod } from "./container-annotations.ts";
import type { RunnerOptions } from "./types.ts";
import { findMountProblem } from "./volumes/find-mount-problem.ts";
import { prepareVolumes } from "./volumes/prepare-volumes.ts";

/** How an attempt to start a container went. */
export type StartResult =
  | { readonly kind: "started"; readonly run: RuntimeContainer }
  | ({ readonly kind: "problem" } & StartProblem);

/** The runner's options that a start depends on. */
export type StartOptions = Pick<RunnerOptions, "nodeIp" | "paths" | "runtime"> & {
  readonly kubelet: Pick<RunnerOptions["kubelet"], "podLogsDir">;
};

/** Makes the pod's volumes, or tells in the status's words why they cannot be had. */
export async function preparePod(
  system: Pick<System, "fs">,
  options: { readonly known: KnownPod; readonly runner: StartOptions },
): Promise<StartProblem | undefined> {
  const { paths, kubelet } = options.runner;
  const { pod } = options.known.desired;
  const problem =
    (await noteLogDir(system, { notesPath: paths.madePathsPath, logDir: podLogDir(pod, kubelet) })) ??
    (await prepareVolumes(system, { pod, podsDir: paths.podsDir, madePathsPath: paths.madePathsPath }));
  return problem === undefined ? undefined : { reason: "ContainerCreating", message: problem };
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
    return `log directory ${logDir}: ${messageOf(error)}`;
  }
}

/**
 * Starts one container of a pod. What keeps it from starting is a result, for it is shown and tried again.
 * Source: kubelet kuberuntime_container.go startContainer (order and reasons).
 */
export async function startContainer(
  system: Pick<System, "host" | "log">,
  options: {
    readonly known: KnownPod;
    readonly container: Container;
    readonly attempt: number;
    readonly restartsInARow: number;
    readonly runner: StartOptions;
  },
): Promise<StartResult> {
  const { known, container, runner } = options;
  const mountProblem = findMountProblem({ pod: known.desired.pod, container });
  if (mountProblem !== undefined) {
    return { kind: "problem", reason: "CreateContainerConfigError", message: mountProblem };
  }
  const built = buildContainerSpec({
    ...options,
    nodeIp: runner.nodeIp,
    uid: system.host.uid,
    memoryBytes: system.host.totalMemoryBytes(),
    podLogsDir: runner.kubelet.podLogsDir,
    containerLogsDir: runner.paths.containerLogsDir,
  });
  if (built.kind === "problem") return built;
  try {
    const image = await runner.runtime.checkImage(built.spec);
    if (image.kind === "absent") return { kind: "problem", reason: image.reason, message: image.message };
    return { kind: "started", run: await runner.runtime.start(built.spec) };
  } catch (error) {
    return describeStartError(system, error);
  }
}

function describeStartError(system: Pick<System, "log">, error: unknown): StartResult {
  if (error instanceof SlipwayError && error.code === "SLIPWAY_IMAGE_UNAVAILABLE") {
    return { kind: "problem", reason: "ErrImagePull", message: error.message };
  }
  if (!(error instanceof SlipwayError))
    system.log.error("starting a container failed", { error: messageOf(error) });
  return { kind: "problem", reason: "RunContainerError", message: messageOf(error) };
}
