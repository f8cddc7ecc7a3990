const WORKLOADS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Deployment: "it is rolled out by the controller-manager, from the API server",
    ReplicaSet: "its copies are made by the controller-manager, from the API server",
    ReplicationController: "its copies are made by the controller-manager, from the API server",
    StatefulSet: "its copies and their volumes are made by the controller-manager, from the API server",
    DaemonSet: "its pods are made by the controller-manager, one for each node it knows from the API server",
    Job: "its pods are made by the controller-manager, from the API server",
    CronJob: "its jobs are made by the controller-manager, from the API server",
    PodTemplate: "it is only a pattern that other objects use",
  }),
);

const LISTS: readonly string[] = ["List", "PodList"];

/**
 * Why a kind that is not Pod cannot be a static pod, and what to do instead.
 * Source: kubelet config/common.go tryDecodeSinglePod (only Pod; a list is not taken apart).
 */
export function describeRefusedKind(kind: string): string {
  if (kind.toLowerCase() === "pod") return `a kind is written as the API has it: Pod, not ${kind}`;
  if (LISTS.includes(kind)) {
    return `a file holds one Pod, and a ${kind} is not taken apart; put each of its pods into a file of its own`;
  }
  const reason = WORKLOADS.get(kind);
  if (reason !== undefined) {
    return (
      `a ${kind} cannot be run from a file: ${reason}; ` +
      `apply it with kubectl, or put the Pod of its spec.template into this file`
    );
  }
  return `a ${kind} cannot be run from a file, only a Pod can: it lives in the API server; apply it with kubectl`;
}
