import { parseQuantity } from "./quantity.ts";
import { isHugePages, type ResourceAmounts, readAmount, toMilli } from "./resource-amounts.ts";
import type { Container, Pod, ResourceFieldSelector } from "./types.ts";

const FIELD = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/** What stands for a limit that is not set. */
type Defaults = Readonly<Record<string, number>>;

/**
 * What a variable tells of its own container or another of the pod, in units of the divisor, rounded up; undefined for a
 * field or a container that is not there. For a limit that is not set stands the pod's, else all that the node lets pods
 * have; an init container that is named has none. Source: kubelet_resources.go defaultPodLimitsForDownwardAPI,
 * kubelet_pods.go containerResourceRuntimeValue.
 */
export function selectVariableResource(
  selector: ResourceFieldSelector,
  options: { readonly pod: Pod; readonly container: Container; readonly allocatable: ResourceAmounts },
): string | undefined {
  const { pod, allocatable } = options;
  const named = selector.containerName || undefined;
  const container = named === undefined ? options.container : findContainer(pod, named);
  const isInit = named !== undefined && pod.spec.initContainers?.some(({ name }) => name === named);
  const defaults = isInit === true ? {} : { ...allocatable, ...readPodLimits(pod) };
  return selectAmount(selector, { container, defaults });
}

/**
 * The same for a file in a volume, whose container is named; there the node's stands for every limit that is not set.
 * Source: pkg/api/v1/resource/helpers.go ExtractResourceValueByContainerNameAndNodeAllocatable.
 */
export function selectFileResource(
  selector: ResourceFieldSelector,
  { pod, allocatable }: { readonly pod: Pod; readonly allocatable: ResourceAmounts },
): string | undefined {
  const container = findContainer(pod, selector.containerName ?? "");
  return selectAmount(selector, { container, defaults: allocatable });
}

/** Source: pkg/api/v1/resource/helpers.go ExtractContainerResourceValue, MergeContainerResourceLimits. */
function selectAmount(
  selector: ResourceFieldSelector,
  { container, defaults }: { readonly container: Container | undefined; readonly defaults: Defaults },
): string | undefined {
  const [, kind, name] = FIELD.exec(selector.resource) ?? [];
  if (container === undefined || name === undefined) return undefined;
  const toUnits = name === "cpu" ? toMilli : Math.ceil;
  const isLimit = kind === "limits";
  const set = parseQuantity(container.resources?.[isLimit ? "limits" : "requests"]?.[name] ?? "");
  // Huge pages are never overcommitted: without a limit there are none.
  const amount = toUnits(set ?? 0) || (isLimit && !isHugePages(name) ? (defaults[name] ?? 0) : 0);
  const divisor = parseQuantity(selector.divisor ?? "0") || 1;
  return String(Math.ceil(amount / toUnits(divisor)));
}

function findContainer({ spec }: Pod, name: string): Container | undefined {
  return [...(spec.initContainers ?? []), ...spec.containers].find((container) => container.name === name);
}

/** What is said of the pod as a whole. */
function readPodLimits({ spec }: Pod): Defaults {
  const limits = (["cpu", "memory"] as const).map(
    (name) => [name, readAmount(spec.resources, { kind: "limits", name }) ?? 0] as const,
  );
  return Object.fromEntries(limits.filter(([, limit]) => limit > 0));
}
