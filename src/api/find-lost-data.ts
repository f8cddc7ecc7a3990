import { isSuccess } from "./describe-response.ts";
import { readField } from "./read-field.ts";
import { requestOrReason } from "./request-or-reason.ts";
import type { ApiClient, ApiResponse } from "./types.ts";

/** What etcd lacks, for people: `what`, `why` and `fix` as in an error. */
export interface LostData {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

const REQUEST_TIMEOUT_MS = 3000;

/** The namespace that nobody can delete. Source: apiserver plugin/namespace/lifecycle (immortal namespaces). */
const PATH = "/api/v1/namespaces/kube-system";

/**
 * Whether etcd has lost what the API server knows: a GET asks etcd, one with `resourceVersion=0` the server's own memory,
 * and the namespace kube-system, which cannot be deleted, has one UID for ever. An API server that was restarted since has
 * made the namespaces anew, and then init's own objects are missing: `admin` asks as an administrator whose rights are one
 * of these. Undefined when all is there, or nothing can be said. Source: apiserver storage/cacher Get.
 */
export async function findLostData(
  client: Pick<ApiClient, "request">,
  { admin = false, signal }: { readonly admin?: boolean; readonly signal?: AbortSignal } = {},
): Promise<LostData | undefined> {
  const ask = async (path: string): Promise<ApiResponse | undefined> => {
    const options = { timeoutMs: REQUEST_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    return (await requestOrReason(client, { method: "GET", path, ...options })).response;
  };
  const [stored, remembered] = await Promise.all([ask(PATH), ask(`${PATH}?resourceVersion=0`)]);
  if (admin && stored?.status === 403) return NO_RIGHTS;
  if (stored === undefined || remembered === undefined || !isSuccess(remembered)) return undefined;
  if (stored.status === 404)
    return describeLoss("etcd has no namespace kube-system, and the API server still remembers it");
  const isOther = isSuccess(stored) && readUid(stored) !== readUid(remembered);
  return isOther
    ? describeLoss("etcd has another cluster's namespace kube-system than the API server remembers")
    : undefined;
}

function readUid({ body }: ApiResponse): unknown {
  return readField(body, "metadata", "uid");
}

function describeLoss(sign: string): LostData {
  return {
    what: "etcd's data is new, or another cluster's: it holds nothing of this control plane",
    why: `${sign}; its data directory was moved, emptied or replaced`,
    fix: "with etcd.yaml moved away meanwhile put the old data directory back or restore a snapshot into it (etcdutl snapshot restore), or begin with what etcd holds now; in either case then slipway restart kube-apiserver, and slipway init",
  };
}

const NO_RIGHTS: LostData = {
  what: "what init made in the cluster is missing: the administrator of admin.conf has no rights",
  why: "the API server answers 403; the ClusterRoleBinding kubeadm:cluster-admins was deleted, or etcd's data is new",
  fix: "for init's own objects: slipway init; for all others restore a snapshot of etcd (etcdutl snapshot restore)",
};
