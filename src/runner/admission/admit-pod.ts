import { isObject } from "../../core/json.ts";
import type { ResourceAmounts } from "../../pod/resource-amounts.ts";
import type { Pod } from "../../pod/types.ts";
import { findPortClashes } from "./host-ports.ts";
import { matchesNode } from "./node-affinity.ts";
import { sumRequests } from "./pod-requests.ts";

/** The node, as far as a pod may be refused for it. */
export interface NodeFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: ResourceAmounts;
  readonly maxPods: number;
}

/** Why a pod may not run here, in the kubelet's words. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether a pod may run beside others; the first reason counts. Preemption has no place here: of the pods that are
 * added together those with a higher priority are asked first.
 * Source: kubelet lifecycle/predicate.go Admit; scheduler AdmissionCheck (order); noderesources/fit.go fitsRequest.
 */
export function admitPod(options: {
  readonly pod: Pod;
  /** The pods that run here already. */
  readonly others: readonly Pod[];
  readonly nodeName: string;
  readonly node: NodeFacts;
}): Rejection | undefined {
  const { pod, others, node } = options;
  return (
    findWrongOs(pod) ??
    findShortage({ pod, others, node }) ??
    (matchesNode(pod, { name: options.nodeName, labels: node.labels })
      ? undefined
      : refuse("NodeAffinity", "node(s) didn't match Pod's node affinity/selector")) ??
    findTakenPorts(pod, others)
  );
}

/** The kubelet's words, and behind them which ports and whose. */
function findTakenPorts(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const clashes = findPortClashes(pod, others);
  if (clashes.length === 0) return undefined;
  const taken = clashes.map(({ protocol, port, holder: { metadata } }) => {
    return `${port}/${protocol} is taken by the pod ${metadata.namespace}/${metadata.name}`;
  });
  const why = "node(s) didn't have free ports for the requested pod ports";
  return refuse("NodePorts", `${why}: ${taken.join(", ")}`);
}

/** Source: predicate.go PredicateFailureError. */
function refuse(predicate: string, why: string): Rejection {
  return { reason: predicate, message: `Predicate ${predicate} failed: ${why}` };
}

function findWrongOs(pod: Pod): Rejection | undefined {
  const wanted = pod.metadata.labels?.["kubernetes.io/os"];
  if (wanted !== undefined && wanted !== "linux") {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message };
  }
  const os = "os" in pod.spec ? pod.spec.os : undefined;
  if (!isObject(os) || os["name"] === "linux") return undefined;
  return {
    reason: "PodOSNotSupported",
    message: "Failed to admit pod as the OS field doesn't match node OS",
  };
}

/** Source: noderesources/fit.go fitsRequest (order); predicate.go InsufficientResourceError (text). */
function findShortage(options: {
  readonly pod: Pod;
  readonly others: readonly Pod[];
  readonly node: NodeFacts;
}): Rejection | undefined {
  const { node, others } = options;
  if (others.length + 1 > node.maxPods) {
    return describeShortage("pods", { requested: 1, used: others.length, capacity: node.maxPods });
  }
  const allocatable: Amounts = node.allocatable;
  const taken: readonly Amounts[] = others.map(sumRequests);
  for (const [name, requested] of Object.entries(sumRequests(options.pod))) {
    const used = taken.reduce((sum, requests) => sum + (requests[name] ?? 0), 0);
    const capacity = allocatable[name] ?? 0;
    if (requested > 0 && requested > capacity - used) {
      return describeShortage(name, { requested, used, capacity });
    }
  }
  return undefined;
}

type Amounts = Readonly<Record<string, number>>;

function describeShortage(
  name: string,
  amounts: { readonly requested: number; readonly used: number; readonly capacity: number },
): Rejection {
  const { requested, used, capacity } = amounts;
  const message = `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message };
}
