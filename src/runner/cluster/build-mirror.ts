import type { KubeObject } from "../../api/types.ts";
import { ANNOTATIONS } from "../../core/constants.ts";
import type { Pod } from "../../pod/types.ts";

/**
 * The mirror of a static pod: the pod itself, marked with its own hash and owned by the Node.
 * Source: kubelet pod/mirror_client.go CreateMirrorPod.
 */
export function buildMirror(pod: Pod, node: { readonly name: string; readonly uid: string }): KubeObject {
  const { name, namespace, labels, annotations } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [ANNOTATIONS.configMirror]: hashOf(pod) },
      ownerReferences: [{ apiVersion: "v1", kind: "Node", ...node, controller: true }],
    },
    spec: pod.spec,
  };
}

/** What tells two versions of a static pod apart. */
export function hashOf(pod: Pod): string {
  return pod.metadata.annotations?.[ANNOTATIONS.configHash] ?? pod.metadata.uid;
}
