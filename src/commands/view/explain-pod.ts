import type { PodFaultFact } from "../../preflight/plane-facts.ts";
import type { LoggedPod } from "./read-logged-pods.ts";

/** Why a pod as a whole does not run; undefined where only its containers have something to tell. */
export function explainPod({ pod }: Pick<LoggedPod, "pod">): PodFaultFact | undefined {
  const { metadata, status } = pod;
  if (status?.message === undefined) return undefined;
  const { phase, reason = phase, message } = status;
  const failure = { pod: metadata.name, container: undefined, summary: reason, logLine: undefined };
  return { ...failure, cause: message, fix: describeFix(reason) };
}

/** Source: kubelet lifecycle/predicate.go, active_deadline.go (reasons). */
function describeFix(reason: string): string {
  if (reason === "Pending") return "wait: it starts by itself";
  if (reason === "NodePorts") return "give one of the two another port; it then starts by itself";
  if (reason === "OutOfpods") return "remove another pod, or raise maxPods in the KubeletConfiguration";
  if (reason.startsWith("OutOf"))
    return "lower resources.requests of this pod or another; it starts by itself when there is room";
  if (reason === "NodeAffinity") return "change its nodeSelector or affinity, or the labels of this node";
  if (reason.startsWith("PodOS")) return "run it on a node of that operating system; this is Linux";
  if (reason === "DeadlineExceeded") return "raise activeDeadlineSeconds: an edited manifest is run anew";
  return "to see what has happened to it: slipway events";
}
