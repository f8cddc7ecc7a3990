import type { PodStore } from "../../types.ts";

/** A running container, or the answer to who asks for it. */
export type FoundContainer =
  | { readonly kind: "found"; readonly id: string }
  | { readonly kind: "refused"; readonly status: number; readonly text: string };

/**
 * Finds a container by the path `<namespace>/<pod>[/<uid>]/<container>`.
 * Source: kubelet server/server.go getExec, kubelet_pods.go GetExec.
 */
export function findRunningContainer(store: PodStore, path: readonly string[]): FoundContainer {
  const [namespace = "", name = ""] = path;
  const container = path.at(-1) ?? "";
  const report = store.get(namespace, name);
  if (report === undefined) return { kind: "refused", status: 404, text: "pod does not exist" };
  const { initContainerStatuses = [], containerStatuses = [] } = report.pod.status ?? {};
  const status = [...containerStatuses, ...initContainerStatuses].find((one) => one.name === container);
  if (status === undefined || path.length < 3)
    return { kind: "refused", status: 500, text: `container not found ("${container}")` };
  const id = status.containerID?.replace(/^[a-z]+:\/\//, "");
  if (status.state.running === undefined || id === undefined)
    return { kind: "refused", status: 500, text: `container "${container}" is not running` };
  return { kind: "found", id };
}
