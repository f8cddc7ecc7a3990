import { createApiClient } from "../../api/create-api-client.ts";
import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { ApiClient } from "../../api/types.ts";
import { ANNOTATIONS, HOST_RUNTIME_TAINT } from "../../core/constants.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { kubeconfigPath } from "../../plan/phases/kubeconfig.ts";
import { objectOf, objectsOf, textOf } from "../../pod/loose.ts";
import type { HandoffCheckInput } from "../../preflight/check-handoff.ts";
import type { System } from "../../system/system.ts";
import { readCredentials } from "../open-cluster.ts";

/** What the API server tells of the node of a control plane. */
export interface AskedNode {
  /** Those of the node that are no mirrors of static pods. None when it does not answer. */
  readonly otherPods: HandoffCheckInput["otherPods"];
  /** Whether the node is kept free of ordinary pods, as one without a container runtime is; undefined: no answer. */
  readonly isHostNode: boolean | undefined;
}

/** An API server that is up answers at once; a hand-over may be needed because it is not. */
const TIMEOUT_MS = 3000;

/** Asks for the node and its pods as the administrator. */
export async function askNode(
  system: System,
  { paths, nodeName }: { readonly paths: ClusterPaths; readonly nodeName: string },
): Promise<AskedNode> {
  const credentials = await readCredentials(system, kubeconfigPath(paths, "admin"));
  const client = createApiClient(system, { credentials });
  try {
    const name = encodeURIComponent(nodeName);
    const [node, pods] = await Promise.all([
      get(client, `/api/v1/nodes/${name}`),
      get(client, `/api/v1/pods?fieldSelector=spec.nodeName%3D${name}`),
    ]);
    const taints = objectsOf(readField(node, "spec", "taints"));
    return {
      otherPods: objectsOf(objectOf(pods)["items"]).flatMap(describeOtherPod),
      isHostNode: node === undefined ? undefined : taints.some(({ key }) => key === HOST_RUNTIME_TAINT.key),
    };
  } finally {
    client.close();
  }
}

async function get(client: ApiClient, path: string): Promise<unknown> {
  const response = await client
    .request({ method: "GET", path, timeoutMs: TIMEOUT_MS })
    .catch(() => undefined);
  return response !== undefined && isSuccess(response) ? response.body : undefined;
}

function describeOtherPod(pod: ReturnType<typeof objectOf>): AskedNode["otherPods"] {
  const metadata = objectOf(pod["metadata"]);
  if (ANNOTATIONS.configMirror in objectOf(metadata["annotations"])) return [];
  if (["Succeeded", "Failed"].includes(textOf(readField(pod, "status", "phase")))) return [];
  const ofDaemonSet = objectsOf(metadata["ownerReferences"]).some(({ kind }) => kind === "DaemonSet");
  return [{ name: `${textOf(metadata["namespace"])}/${textOf(metadata["name"])}`, ofDaemonSet }];
}
