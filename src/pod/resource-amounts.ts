import { parseQuantity } from "./quantity.ts";
import type { Pod, Resources } from "./types.ts";

/** What is asked for or can be had: CPU in thousandths, the others in bytes. */
export type ResourceAmounts = Readonly<Record<"cpu" | "memory" | "ephemeral-storage", number>> & HugePages;

/** Bytes in huge pages, by the resource's name: `hugepages-2Mi`. */
export type HugePages = Readonly<Record<`hugepages-${string}`, number>>;

/** Whether a resource is huge pages of some size. Source: pkg/apis/core/helper IsHugePageResourceName. */
export function isHugePages(name: string): name is keyof HugePages {
  return name.startsWith("hugepages-");
}

/** The two resources that limits are enforced for. */
export type ResourceName = "cpu" | "memory";

type Kind = "requests" | "limits";

/** CPU in thousandths of a CPU, memory in bytes, both rounded up; undefined when nothing is said. */
export function readAmount(
  resources: Resources | undefined,
  { kind, name }: { readonly kind: Kind; readonly name: ResourceName },
): number | undefined {
  const value = parseQuantity(String(resources?.[kind]?.[name] ?? ""));
  if (value === undefined) return undefined;
  return name === "cpu" ? toMilli(value) : Math.ceil(value);
}

/** Thousandths, rounded up. What a float adds in the fifteenth digit is no thousandth. */
export function toMilli(value: number): number {
  return Math.ceil(Number((value * 1000).toPrecision(12)));
}

/**
 * What a whole pod asks for or may have: the pod's own word, else the containers' and sidecars' sum, or more when one
 * init container with the sidecars before it needs more. Source: component-helpers resource/helpers.go PodRequests.
 */
export function sumPodAmounts(
  pod: Pod,
  what: { readonly kind: Kind; readonly name: ResourceName },
): number | undefined {
  const own = readAmount(pod.spec.resources, what);
  if (own !== undefined) return own;
  let sidecars = 0;
  let peak = 0;
  for (const container of pod.spec.initContainers ?? []) {
    const amount = readAmount(container.resources, what) ?? 0;
    if (container.restartPolicy === "Always") sidecars += amount;
    peak = Math.max(peak, container.restartPolicy === "Always" ? sidecars : sidecars + amount);
  }
  const regular = pod.spec.containers
    .map((container) => readAmount(container.resources, what) ?? 0)
    .reduce((sum, amount) => sum + amount, sidecars);
  const most = Math.max(peak, regular);
  return most === 0 ? undefined : most;
}

/** Whether every container has a limit, or the pod as a whole. Source: kubelet cm/helpers_linux.go ResourceConfigForPod. */
export function isPodLimited(pod: Pod, name: ResourceName): boolean {
  const hasLimit = ({ resources }: { readonly resources?: Resources }): boolean =>
    (readAmount(resources, { kind: "limits", name }) ?? 0) > 0;
  const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return hasLimit(pod.spec) || all.every(hasLimit);
}
