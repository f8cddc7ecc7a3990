import { join } from "node:path";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Container, Pod } from "../../pod/types.ts";
import type { ContainerSpec } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import { buildResources } from "../isolation/build-resources.ts";
import { buildSecurity } from "../isolation/build-security.ts";
import type { ServiceFacts } from "../services/known-services.ts";
import { buildEnv } from "./build-env.ts";
import { encodeAnnotations, type KnownPod } from "./container-annotations.ts";
import { expandVariables } from "./expand-variables.ts";
import { computeOomScoreAdjust } from "./oom-score.ts";
import type { EnvFiles } from "./read-env-files.ts";

/** A start that cannot be: shown as the container's waiting state. */
export interface StartProblem {
  readonly reason: string;
  readonly message: string;
}

/** What a container's start is made from. */
export interface SpecInput {
  readonly known: KnownPod;
  readonly container: Container;
  readonly attempt: number;
  readonly restartsInARow: number;
  readonly nodeIp: string;
  readonly host: Pick<System["host"], "uid" | "gid" | "hostName" | "totalMemoryBytes">;
  readonly allocatable: ResourceAmounts;
  readonly envFiles: EnvFiles;
  readonly services: readonly ServiceFacts[];
  readonly podPidsLimit: number;
  readonly podLogsDir: string;
  readonly containerLogsDir: string;
}

/** Source: kubelet kuberuntime_container.go generateContainerConfig, kuberuntime/helpers.go BuildContainerLogsDirectory. */
export function buildContainerSpec(
  input: SpecInput,
): { readonly kind: "spec"; readonly spec: ContainerSpec } | ({ readonly kind: "problem" } & StartProblem) {
  const { known, container, attempt } = input;
  const { pod } = known.desired;
  const { name, namespace, uid } = pod.metadata;
  const { host, allocatable, podPidsLimit } = input;
  const privileges = buildSecurity({ pod, container, uid: host.uid, gid: host.gid });
  if (privileges.kind === "problem") return configError(privileges.message);
  const { nodeIp, envFiles: files, services } = input;
  const built = buildEnv({ pod, container, allocatable, nodeIp, files, services });
  if (built.kind === "problem") return configError(built.message);
  const expand = (words: readonly string[] | undefined): readonly string[] =>
    (words ?? []).map((word) => expandVariables(word, built.env));
  return {
    kind: "spec",
    spec: {
      podUid: uid,
      podName: name,
      podNamespace: namespace,
      containerName: container.name,
      attempt,
      image: container.image,
      command: expand(container.command),
      args: expand(container.args),
      workingDir: container.workingDir,
      // As a container runtime does for a pod on the host's network.
      env: { HOSTNAME: host.hostName(), ...built.env },
      logPath: join(podLogDir(pod, input), container.name, `${attempt}.log`),
      logLinkPrefix: join(input.containerLogsDir, `${name}_${namespace}_${container.name}`),
      graceSeconds: pod.spec.terminationGracePeriodSeconds,
      oomScoreAdjust: computeOomScoreAdjust({ pod, container, memoryBytes: host.totalMemoryBytes() }),
      ...selectInput(container),
      resources: buildResources({ pod, container, podPidsLimit }),
      ...(privileges.security === undefined ? {} : { security: privileges.security }),
      annotations: encodeAnnotations(known, { restartsInARow: input.restartsInARow }),
    },
  };
}

/**
 * A terminal is there for the next client, too. Source: kuberuntime_container.go generateContainerConfig (stdin,
 * stdin_once, tty); containerd internal/cri/io/container_io.go Attach.
 */
function selectInput({ stdin, stdinOnce, tty }: Container): Pick<ContainerSpec, "input" | "terminal"> {
  return {
    ...(stdin === true ? { input: stdinOnce === true && tty !== true ? "once" : "open" } : {}),
    ...(tty === true ? { terminal: true } : {}),
  };
}

/** Where the logs of a pod's containers lie. Source: kuberuntime/helpers.go BuildPodLogsDirectory. */
export function podLogDir({ metadata }: Pod, dirs: { readonly podLogsDir: string }): string {
  return join(dirs.podLogsDir, `${metadata.namespace}_${metadata.name}_${metadata.uid}`);
}

function configError(message: string): { readonly kind: "problem" } & StartProblem {
  return { kind: "problem", reason: "CreateContainerConfigError", message };
}
