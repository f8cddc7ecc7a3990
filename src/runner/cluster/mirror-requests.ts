import type { Answer } from "../../api/request-or-reason.ts";
import type { KubeObject } from "../../api/types.ts";
import type { Pod } from "../../pod/types.ts";
import type { ApiLink } from "./api-link.ts";
import { buildMirror } from "./build-mirror.ts";

/** Makes the mirror of a static pod. */
export function createMirror(
  link: ApiLink,
  request: {
    readonly pod: Pod;
    readonly node: { readonly name: string; readonly uid: string };
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  return link.ask({
    method: "POST",
    path: podsPath(request.pod.metadata.namespace),
    body: buildMirror(request.pod, request.node),
    signal: request.signal,
  });
}

/** Removes a pod from the API at once, unless it was made anew meanwhile. */
export function deletePod(
  link: ApiLink,
  request: { readonly live: KubeObject; readonly signal: AbortSignal },
): Promise<Answer> {
  const { live, signal } = request;
  const preconditions = { uid: live.metadata.uid };
  const body = { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, preconditions };
  return link.ask({ method: "DELETE", path: podPath(live), body, signal });
}

/** Merges a status into a pod's, unless it was made anew meanwhile: the UID is a precondition. */
export function patchPodStatus(
  link: ApiLink,
  request: {
    readonly live: KubeObject;
    readonly status: Readonly<Record<string, unknown>>;
    readonly signal: AbortSignal;
  },
): Promise<Answer> {
  const { live, status, signal } = request;
  return link.ask({
    method: "PATCH",
    path: `${podPath(live)}/status`,
    body: { metadata: { uid: live.metadata.uid }, status },
    contentType: "application/strategic-merge-patch+json",
    signal,
  });
}

function podPath(live: KubeObject): string {
  return `${podsPath(live.metadata.namespace ?? "")}/${encodeURIComponent(live.metadata.name)}`;
}

function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
}
