import { type PodProblem, problem } from "./pod-problem.ts";
import { parseQuantity } from "./quantity.ts";
import type { Container, PodManifest } from "./types.ts";

/** What is no error of a pod and hardly what its author wants. */
export function findOddities(pod: PodManifest): readonly PodProblem[] {
  const { initContainers = [], containers } = pod.spec;
  return [
    ...findPriorityOddities(pod),
    ...initContainers.flatMap((container, index) =>
      findFractions(container, `spec.initContainers[${index}]`),
    ),
    ...containers.flatMap((container, index) => findFractions(container, `spec.containers[${index}]`)),
  ];
}

/** Parts of a byte: `512m` is half a byte. Source: kubernetes pkg/api/pod/warnings.go. */
function findFractions({ resources = {} }: Container, path: string): readonly PodProblem[] {
  return (["limits", "requests"] as const).flatMap((kind) =>
    ["memory", "ephemeral-storage"].flatMap((name) => {
      const text = String(resources[kind]?.[name] ?? "0");
      const bytes = parseQuantity(text) ?? 0;
      // A request that is not there has been given the limit's value.
      const isTold = kind === "requests" && text === String(resources.limits?.[name]);
      if (Number.isInteger(bytes) || isTold) return [];
      const told = `${text} is ${bytes} bytes${text.endsWith("m") ? ": m is a thousandth, and Mi a mebibyte" : ""}`;
      return [problem(`${path}.resources.${kind}.${name}`, told)];
    }),
  );
}

/** Nobody resolves the class of a static pod. Source: kubelet config/common.go getStaticPodPriorityWarning. */
function findPriorityOddities({ spec }: PodManifest): readonly PodProblem[] {
  const { priority, priorityClassName = "" } = spec;
  if (priority === undefined && priorityClassName === "") return [];
  const [path, message] =
    priority === undefined
      ? ["priorityClassName", "it has no effect without priority; nobody fills that in for a static pod"]
      : priorityClassName === ""
        ? [
            "priority",
            "without priorityClassName the mirror pod is refused unless the default class has this value",
          ]
        : [
            "priority",
            `only 2000001000 with system-node-critical keeps the API server from evicting the mirror pod`,
          ];
  const isCritical = priority === 2_000_001_000 && priorityClassName === "system-node-critical";
  return isCritical ? [] : [problem(`spec.${path}`, message)];
}
