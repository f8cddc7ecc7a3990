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

const REQUEST_TIMEOUT_MS = 2000;

/** The namespace that nobody can delete. Source: apiserver plugin/namespace/lifecycle (immortal namespaces). */
const PATH = "/api/v1/namespaces/kube-system";

/** What every init uploads into it, and an etcd that begins anew has not. */
const INIT_PATH = `${PATH}/configmaps/kubeadm-config`;

/**
 * Whether etcd has lost what the API server knows: a GET asks etcd, one with `resourceVersion=0` the server's own memory,
 * and the namespace kube-system, which cannot be deleted, has one UID for ever. An API server that was restarted since has
 * made the namespaces anew, and then init's own objects are missing: `admin` asks as an administrator whose rights are one
 * of these. Where they are there, the UID that init has kept, `clusterUid`, tells whether they are its own. Undefined when
 * all is there, or nothing can be said. Source: apiserver storage/cacher Get.
 */
export async function findLostData(
  client: Pick<ApiClient, "request">,
  options: {
    readonly admin?: boolean;
    readonly clusterUid?: string | undefined;
    readonly signal?: AbortSignal;
  } = {},
): Promise<LostData | undefined> {
  const { admin = false, clusterUid, signal } = options;
  const [stored, remembered] = await Promise.all(
    [PATH, `${PATH}?resourceVersion=0`].map((path) => ask(client, { path, signal })),
  );
  if (admin && stored?.status === 403) return NO_RIGHTS;
  if (stored === undefined || remembered === undefined || !isSuccess(remembered)) return undefined;
  if (stored.status === 404)
    return describeLoss("etcd has no namespace kube-system, and the API server still remembers it");
  const uid = readUid(stored);
  if (uid === undefined) return undefined;
  if (uid !== readUid(remembered))
    return describeLoss("etcd has another cluster's namespace kube-system than the API server remembers");
  if (clusterUid === undefined || uid === clusterUid) return undefined;
  const made = await ask(client, { path: INIT_PATH, signal });
  return made !== undefined && isSuccess(made) ? describeOther(uid, clusterUid) : undefined;
}

/** What a cluster is known by as long as its data lives; undefined when the API server does not tell. */
export async function readClusterUid(client: Pick<ApiClient, "request">): Promise<string | undefined> {
  const response = await ask(client, { path: PATH, signal: undefined });
  return response && readUid(response);
}

async function ask(
  client: Pick<ApiClient, "request">,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal | undefined },
): Promise<ApiResponse | undefined> {
  const options = { timeoutMs: REQUEST_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
  return (await requestOrReason(client, { method: "GET", path, ...options })).response;
}

/** Undefined where the answer is not a namespace. */
function readUid(response: ApiResponse): string | undefined {
  const uid = readField(response.body, "metadata", "uid");
  return isSuccess(response) && typeof uid === "string" ? uid : undefined;
}

function describeLoss(sign: string): LostData {
  return {
    what: "etcd's data is new, or another cluster's: it holds nothing of this control plane",
    why: `${sign}; its data directory was moved, emptied or replaced`,
    fix: "move etcd.yaml away, put the old data directory back or restore a snapshot into it (etcdutl snapshot restore), and put etcd.yaml back; or begin with what etcd holds now; in either case then slipway restart kube-apiserver, and slipway init",
  };
}

function describeOther(uid: string, clusterUid: string): LostData {
  return {
    what: "etcd's data is another cluster's",
    why: `its namespace kube-system has the UID ${uid}, and that of the cluster that init made here has ${clusterUid}; etcd's data directory was replaced, or another cluster's snapshot was restored into it`,
    fix: "move etcd.yaml away, put the old data directory back, put etcd.yaml back, then slipway restart kube-apiserver; or go on with what etcd holds now: slipway init --skip-phases wait-control-plane",
  };
}

const NO_RIGHTS: LostData = {
  what: "what init made in the cluster is missing: the administrator of admin.conf has no rights",
  why: "the API server answers 403; the ClusterRoleBinding kubeadm:cluster-admins was deleted, or etcd's data is new",
  fix: "for init's own objects: slipway init; for all others restore a snapshot of etcd (etcdutl snapshot restore)",
};
