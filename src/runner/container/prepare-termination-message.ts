import { dirname, join } from "node:path";
import type { Container, Pod } from "../../pod/types.ts";
import type { ContainerSpec } from "../../runtime/types.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/** Source: apis/core/v1 TerminationMessagePathDefault. */
export const DEFAULT_TERMINATION_PATH = "/dev/termination-log";

/** What all containers of a pod may say together. Source: kubelet container/runtime.go MaxPodTerminationMessageLogLength. */
const MAX_POD_BYTES = 12 * 1024;

/**
 * Gives a container a fresh file to say in why it ends, when it can be seen that it wants one: its path is not the
 * default, or its command, arguments or environment name it. For every other the mount namespace that a file needs would
 * cost more than its start. Ordinary users cannot mount; then a log is all there is. Source: kuberuntime_container.go
 * makeMounts.
 */
export async function prepareTerminationMessage(
  system: Pick<System, "fs" | "host">,
  options: {
    readonly pod: Pod;
    readonly container: Container;
    readonly spec: ContainerSpec;
    readonly podsDir: string;
  },
): Promise<Pick<ContainerSpec, "mounts" | "terminationMessage">> {
  const { pod, container, spec } = options;
  const { terminationMessagePath = DEFAULT_TERMINATION_PATH, terminationMessagePolicy } = container;
  const count = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0);
  const rules = {
    fallbackToLogs: terminationMessagePolicy === "FallbackToLogsOnError",
    maxBytes: Math.floor(MAX_POD_BYTES / count),
  };
  const words = [...spec.command, ...spec.args, ...Object.values(spec.env)];
  const wanted =
    terminationMessagePath !== DEFAULT_TERMINATION_PATH ||
    words.some((word) => word.includes(DEFAULT_TERMINATION_PATH));
  if (!wanted || terminationMessagePath === "" || system.host.uid !== 0)
    return { mounts: spec.mounts ?? [], terminationMessage: rules };
  const pathOf = (attempt: number): string =>
    join(options.podsDir, pod.metadata.uid, "containers", container.name, `termination-log-${attempt}`);
  const path = pathOf(spec.attempt);
  // The run before this one is still shown.
  await system.fs.removeFile(pathOf(spec.attempt - 2));
  await makeDirs(system, { path: dirname(path), mode: 0o750 });
  const file = await system.fs.open(path, { flags: "w", mode: 0o666 });
  await file.chmod(0o666);
  await file.close();
  const containerPath = join("/", terminationMessagePath);
  return {
    mounts: [
      ...(spec.mounts ?? []),
      { hostPath: path, containerPath, readOnly: false, propagation: "private" },
    ],
    terminationMessage: { ...rules, path },
  };
}
