import { parseQuantity } from "../../pod/quantity.ts";
import { isHugePages, type ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Container, Pod } from "../../pod/types.ts";
import { isSidecar } from "../pod/restart-policy.ts";
import { perPod } from "./per-pod.ts";

/**
 * The most that a pod asks for at any time: its regular containers and sidecars together, or an init container with
 * the sidecars before it. Source: component-helpers/resource/helpers.go PodRequests.
 */
export const sumRequests = perPod(
  (pod): ResourceAmounts => ({
    cpu: sumRequest(pod, { name: "cpu", factor: 1000 }),
    memory: sumRequest(pod, { name: "memory", factor: 1 }),
    "ephemeral-storage": sumRequest(pod, { name: "ephemeral-storage", factor: 1 }),
    ...Object.fromEntries(listHugePages(pod).map((name) => [name, sumRequest(pod, { name, factor: 1 })])),
  }),
);

function listHugePages({ spec }: Pod): readonly string[] {
  const all = [spec, ...(spec.initContainers ?? []), ...spec.containers];
  const names = all.flatMap(({ resources }) => Object.keys({ ...resources?.limits, ...resources?.requests }));
  return names.filter(isHugePages);
}

/** The pod's own word counts before its containers'. Source: pkg/apis/core/v1/defaults.go defaultPodRequests. */
function sumRequest(pod: Pod, { name, factor }: { readonly name: string; readonly factor: number }): number {
  const amountOf = (text = "0"): number =>
    // A thousandth of a byte's share would round up what is whole.
    Math.ceil(Number(((parseQuantity(text) ?? 0) * factor).toFixed(3)));
  const { requests, limits } = pod.spec.resources ?? {};
  const own = requests?.[name] ?? (isHugePages(name) ? limits?.[name] : undefined);
  return own === undefined
    ? sumContainers(pod, ({ resources }) => amountOf(resources?.requests?.[name])) || amountOf(limits?.[name])
    : amountOf(own);
}

function sumContainers({ spec }: Pod, requestOf: (container: Container) => number): number {
  let sidecars = 0;
  let highestInit = 0;
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) sidecars += requestOf(container);
    else highestInit = Math.max(highestInit, sidecars + requestOf(container));
  }
  const regular = spec.containers.reduce((sum, container) => sum + requestOf(container), 0);
  return Math.max(regular + sidecars, highestInit);
}
