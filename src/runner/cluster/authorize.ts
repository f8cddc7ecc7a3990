import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import type { System } from "../../system/system.ts";
import type { KubeletConfiguration } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import type { User } from "./authenticate.ts";
import { createExpiringCache } from "./expiring-cache.ts";

/** Whether a user may do something, or that nobody could be asked. */
export type Verdict = "allowed" | "denied" | "unknown";

/** Decides over a method on a path of the kubelet API. */
export type Authorize = (request: {
  readonly user: User;
  readonly method: string;
  readonly path: string;
}) => Promise<Verdict>;

/**
 * Everything with AlwaysAllow, else what the API server says of nodes/<subresource> of this node: the fine-grained
 * subresource is tried first, then the old one.
 */
export function createAuthorizer(
  system: Pick<System, "clock">,
  options: {
    readonly kubelet: KubeletConfiguration;
    readonly link: ApiLink | undefined;
    readonly nodeName: string;
  },
): Authorize {
  const { kubelet, link, nodeName } = options;
  const known = createExpiringCache<"allowed" | "denied">(system);
  const decide = async (user: User, attributes: Attributes): Promise<Verdict> => {
    if (link === undefined) return "unknown";
    const key = JSON.stringify([user, attributes]);
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const verdict = await reviewAccess(link, { user, attributes });
    if (verdict !== "unknown")
      known.set(key, {
        value: verdict,
        forMs: verdict === "allowed" ? kubelet.allowedCacheMs : kubelet.deniedCacheMs,
      });
    return verdict;
  };
  return async ({ user, method, path }) => {
    if (kubelet.authorizationMode === "AlwaysAllow") return "allowed";
    let verdict: Verdict = "denied";
    for (const subresource of selectSubresources(path)) {
      verdict = await decide(user, { verb: verbOf(method), subresource, name: nodeName });
      if (verdict !== "denied") return verdict;
    }
    return verdict;
  };
}

/** The subresources of nodes that a path stands for, in the order to try. Source: kubelet server/auth.go. */
export function selectSubresources(path: string): readonly string[] {
  const root = path.split("/")[1] ?? "";
  const fine = FINE_GRAINED.get(root);
  return [...(fine === undefined ? [] : [fine]), OWN_SUBRESOURCES.get(root) ?? "proxy"];
}

const FINE_GRAINED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pods: "pods",
    runningpods: "pods",
    healthz: "healthz",
    configz: "configz",
  }),
);

const OWN_SUBRESOURCES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    stats: "stats",
    metrics: "metrics",
    logs: "log",
    checkpoint: "checkpoint",
    statusz: "statusz",
    flagz: "configz",
  }),
);

/** What a method on the kubelet API is in words of the API. Source: kubelet server/auth.go. */
export function verbOf(method: string): string {
  return VERBS.get(method) ?? "";
}

const VERBS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    POST: "create",
    GET: "get",
    PUT: "update",
    PATCH: "patch",
    DELETE: "delete",
  }),
);

interface Attributes {
  readonly verb: string;
  readonly subresource: string;
  readonly name: string;
}

async function reviewAccess(
  link: ApiLink,
  review: { readonly user: User; readonly attributes: Attributes },
): Promise<Verdict> {
  const resourceAttributes = { group: "", version: "v1", resource: "nodes", ...review.attributes };
  const { response } = await link.ask({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { ...review.user, resourceAttributes },
    },
  });
  if (response === undefined || !isSuccess(response)) return "unknown";
  return readField(response.body, "status", "allowed") === true ? "allowed" : "denied";
}
