import { join } from "node:path";
import type { Container, Pod } from "../pod/types.ts";
import type { ContainerSpec } from "../runtime/types.ts";
import { buildEnv } from "./build-env.ts";
import { encodeAnnotations, type KnownPod } from "./container-annotations.ts";
import { expandVariables } from "./expand-variables.ts";
import { computeOomScoreAdjust } from "./oom-score.ts";

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
  /** Of the runner: it cannot give a container another user yet. */
  readonly uid: number;
  readonly memoryBytes: number;
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
  const problem = findUserProblem(input);
  if (problem !== undefined) return configError(problem);
  const built = buildEnv({ pod, container, nodeIp: input.nodeIp });
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
      env: built.env,
      logPath: join(podLogDir(pod, input), container.name, `${attempt}.log`),
      logLinkPrefix: join(input.containerLogsDir, `${name}_${namespace}_${container.name}`),
      graceSeconds: pod.spec.terminationGracePeriodSeconds,
      oomScoreAdjust: computeOomScoreAdjust({ pod, container, memoryBytes: input.memoryBytes }),
      annotations: encodeAnnotations(known, { restartsInARow: input.restartsInARow }),
    },
  };
}

/** Where the logs of a pod's containers lie. Source: kuberuntime/helpers.go BuildPodLogsDirectory. */
export function podLogDir({ metadata }: Pod, dirs: { readonly podLogsDir: string }): string {
  return join(dirs.podLogsDir, `${metadata.namespace}_${metadata.name}_${metadata.uid}`);
}

/** Running with another user than the manifest says would give more rights than were asked for. */
function findUserProblem(input: SpecInput): string | undefined {
  const podSecurity = input.known.desired.pod.spec.securityContext;
  const security = input.container.securityContext;
  const user = security?.runAsUser ?? podSecurity?.runAsUser;
  if (user !== undefined && user !== input.uid) {
    return `runAsUser ${user}: this runner starts containers only as its own user ${input.uid}`;
  }
  const nonRoot = security?.runAsNonRoot ?? podSecurity?.runAsNonRoot;
  if (nonRoot === true && input.uid === 0) return "container has runAsNonRoot and would run as root";
  return undefined;
}

function configError(message: string): { readonly kind: "problem" } & StartProblem {
  return { kind: "problem", reason: "CreateContainerConfigError", message };
}
