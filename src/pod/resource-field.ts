import { parseQuantity } from "./quantity.ts";
import { toMilli } from "./resource-amounts.ts";
import type { Pod, ResourceFieldSelector } from "./types.ts";

/** What a node has to give, for a container whose limit is asked for and not set. */
export interface NodeCapacity {
  readonly cpus: number;
  readonly memoryBytes: number;
}

const FIELD = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/;

/**
 * A container's request or limit in units of the divisor, rounded up; undefined for a field or a container that is not
 * there. Source: pkg/api/v1/resource/helpers.go ExtractContainerResourceValue, MergeContainerResourceLimits.
 */
export function selectResourceField(
  selector: ResourceFieldSelector,
  options: { readonly pod: Pod; readonly containerName: string; readonly node: NodeCapacity },
): string | undefined {
  const { pod, node } = options;
  const [, kind, name] = FIELD.exec(selector.resource) ?? [];
  const wanted = selector.containerName || options.containerName;
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(
    (candidate) => candidate.name === wanted,
  );
  if (container === undefined || name === undefined) return undefined;
  const capacity: Readonly<Record<string, number>> = { cpu: node.cpus, memory: node.memoryBytes };
  const set = parseQuantity(container.resources?.[kind === "limits" ? "limits" : "requests"]?.[name] ?? "");
  const value = set ?? (kind === "limits" ? (capacity[name] ?? 0) : 0);
  const divisor = parseQuantity(selector.divisor ?? "0") || 1;
  return String(
    name === "cpu" ? Math.ceil(toMilli(value) / toMilli(divisor)) : Math.ceil(Math.ceil(value) / divisor),
  );
}
