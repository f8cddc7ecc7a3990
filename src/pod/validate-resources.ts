import { isQualifiedName } from "../core/names.ts";
import { type Loose, objectOf, objectsOf, textOf } from "./loose.ts";
import { type PodProblem, unless } from "./pod-problem.ts";
import { parseQuantity } from "./quantity.ts";
import { isHugePages } from "./resource-amounts.ts";

const STANDARD = ["cpu", "memory", "ephemeral-storage"];

/**
 * Problems of requests and limits. Source: validation.go validateResourceRequirements, ValidateResourceQuantityValue;
 * pkg/apis/core/helper IsStandardContainerResourceName, IsExtendedResourceName, IsOvercommitAllowed.
 */
export function validateResources(resources: Loose, path: string): readonly PodProblem[] {
  const limits = objectOf(resources["limits"]);
  const requests = objectOf(resources["requests"]);
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const needsCompute = names.some(isHugePages) && !names.some((name) => name === "cpu" || name === "memory");
  return [
    ...Object.entries(limits).flatMap((entry) => validateQuantity(entry, `${path}.limits`)),
    ...Object.entries(requests).flatMap((entry) => validateQuantity(entry, `${path}.requests`)),
    ...Object.entries(requests).flatMap(([name, value]) =>
      compareWithLimit({ name, value, limit: limits[name] }, path),
    ),
    ...unless(!needsCompute, path, "huge pages need cpu or memory beside them"),
    ...unless(
      objectsOf(resources["claims"]).length === 0,
      `${path}.claims`,
      "there is no such claim in the pod",
    ),
  ];
}

/** Problems of the resources of the pod as a whole. Source: validation.go validatePodResources. */
export function validatePodResources(resources: Loose): readonly PodProblem[] {
  const path = "spec.resources";
  return [
    ...validateResources(resources, path),
    ...["limits", "requests"].flatMap((kind) =>
      Object.keys(objectOf(resources[kind])).flatMap((name) =>
        unless(
          name === "cpu" || name === "memory" || isHugePages(name),
          `${path}.${kind}.${name}`,
          "a whole pod has cpu, memory and huge pages only",
        ),
      ),
    ),
  ];
}

function validateQuantity([name, value]: readonly [string, unknown], parent: string): readonly PodProblem[] {
  const path = `${parent}.${name}`;
  const size = parseQuantity(textOf(value)) ?? 0;
  const isWhole = STANDARD.includes(name) || isHugePages(name) || Number.isInteger(size);
  const page = parseQuantity(name.replace("hugepages-", "")) ?? 1;
  return [
    ...unless(
      isResourceName(name),
      path,
      "there is no such resource; those of others are called domain/name",
    ),
    ...unless(size >= 0, path, "it may not be negative"),
    ...unless(isWhole, path, "it must be a whole number"),
    ...unless(
      !isHugePages(name) || (page > 0 && size % page === 0),
      path,
      "it is not a multiple of the page size",
    ),
  ];
}

function compareWithLimit(
  pair: { readonly name: string; readonly value: unknown; readonly limit: unknown },
  parent: string,
): readonly PodProblem[] {
  const path = `${parent}.requests.${pair.name}`;
  const size = parseQuantity(textOf(pair.value)) ?? 0;
  const limit = pair.limit === undefined ? undefined : (parseQuantity(textOf(pair.limit)) ?? 0);
  if (!STANDARD.includes(pair.name)) return unless(size === limit, path, "it must equal the limit");
  return unless(
    limit === undefined || size <= limit,
    path,
    `it is more than the limit of ${textOf(pair.limit)}`,
  );
}

function isResourceName(name: string): boolean {
  if (!isQualifiedName(name)) return false;
  if (!name.includes("/")) return STANDARD.includes(name) || isHugePages(name);
  if (/(^|\.)kubernetes\.io\//.test(name)) return true;
  return !name.startsWith("requests.") && isQualifiedName(`requests.${name}`);
}
