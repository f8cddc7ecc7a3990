import { readField } from "../../api/read-field.ts";
import type { KubeObject } from "../../api/types.ts";
import { isObject } from "../../core/json.ts";
import type { ContainerStatus, Pod } from "../../pod/types.ts";
import { DISRUPTION_TARGET } from "../status/pod-conditions.ts";

/**
 * What a merge would leave standing when we no longer have it is named: a field with null, and a condition that was true
 * when the machine went down. (The kubelet leaves that one on the pod, which runs again.)
 */
export function buildMirrorStatus(
  { status }: Pod,
  live: KubeObject,
): Readonly<Record<string, unknown>> | undefined {
  if (status === undefined) return undefined;
  const { conditions = [], reason = null, message = null } = status;
  const isOld = hasDisruption(readField(live, "status", "conditions")) && !hasDisruption(conditions);
  const old = isOld ? [{ $patch: "delete", type: DISRUPTION_TARGET }] : [];
  const { containerStatuses, initContainerStatuses } = status;
  const { containers, initContainers } = isObject(live["spec"]) ? live["spec"] : {};
  return {
    ...status,
    ...(containerStatuses && { containerStatuses: inApiForm(containerStatuses, containers) }),
    ...(initContainerStatuses && { initContainerStatuses: inApiForm(initContainerStatuses, initContainers) }),
    reason,
    message,
    conditions: [...conditions.map((condition) => ({ ...NO_CAUSE, ...condition })), ...old],
  };
}

/** A condition that has flipped keeps none of the words that told why it had not. */
const NO_CAUSE = { reason: null, message: null };

function hasDisruption(conditions: unknown): boolean {
  return Array.isArray(conditions) && conditions.some((one) => readField(one, "type") === DISRUPTION_TARGET);
}

/** Quantities as the API has them, `500m` for `0.5`: else the mirror would never show what it is given. */
function inApiForm(statuses: readonly ContainerStatus[], containers: unknown): readonly unknown[] {
  const specs = Array.isArray(containers) ? containers : [];
  return statuses.map(({ resources, allocatedResources, ...status }) => {
    const live = readField(
      specs.find((spec) => readField(spec, "name") === status.name),
      "resources",
    );
    return {
      ...status,
      ...(resources && { resources: live ?? resources }),
      ...(allocatedResources && { allocatedResources: readField(live, "requests") ?? allocatedResources }),
    };
  });
}
