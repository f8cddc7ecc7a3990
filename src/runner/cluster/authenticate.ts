import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { isSuccess } from "../../api/describe-response.ts";
import { readField } from "../../api/read-field.ts";
import { isObject } from "../../core/json.ts";
import type { System } from "../../system/system.ts";
import type { KubeletConfiguration } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import { createExpiringCache } from "./expiring-cache.ts";

/** Who makes a request, in the words of a SubjectAccessReview. */
export interface User {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: unknown;
}

/** Tells who a request is from; undefined when nobody vouches for it. */
export type Authenticate = (request: IncomingMessage) => Promise<User | undefined>;

const ANONYMOUS: User = { user: "system:anonymous", groups: ["system:unauthenticated"] };

/** A client certificate first, then a bearer token by TokenReview, then anonymous if that is allowed. */
export function createAuthenticator(
  system: Pick<System, "clock">,
  options: { readonly kubelet: KubeletConfiguration; readonly link: ApiLink | undefined },
): Authenticate {
  const { kubelet, link } = options;
  const tokens = createExpiringCache<User>(system);
  const byToken = async (token: string): Promise<User | undefined> => {
    if (link === undefined || !kubelet.webhookAuth) return undefined;
    // The cache holds no token that could be read from memory or a dump.
    const key = createHash("sha256").update(token).digest("hex");
    const known = tokens.get(key);
    if (known !== undefined) return known;
    const user = await reviewToken(link, token);
    if (user !== undefined) tokens.set(key, { value: user, forMs: kubelet.tokenCacheMs });
    return user;
  };
  return async (request) => {
    const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined)
      return readCertificateUser(request) ?? (kubelet.anonymousAuth ? ANONYMOUS : undefined);
    return readCertificateUser(request) ?? byToken(token);
  };
}

/** CN is the user, every O a group. Source: apiserver pkg/authentication/request/x509 CommonNameUserConversion. */
function readCertificateUser(request: IncomingMessage): User | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // Node gives a list where a name has several values, whatever its types say.
  const subject: unknown = socket.getPeerCertificate().subject;
  const name = readField(subject, "CN");
  if (typeof name !== "string" || name === "") return undefined;
  const groups = [readField(subject, "O")].flat().filter((group) => typeof group === "string");
  return { user: name, groups: [...groups, "system:authenticated"] };
}

async function reviewToken(link: ApiLink, token: string): Promise<User | undefined> {
  const { response } = await link.ask({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/tokenreviews",
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } },
  });
  if (response === undefined || !isSuccess(response)) return undefined;
  const status = readField(response.body, "status");
  const user = readField(status, "user");
  const name = readField(user, "username");
  if (readField(status, "authenticated") !== true || typeof name !== "string" || !isObject(user))
    return undefined;
  const groups = [user["groups"]].flat().filter((group) => typeof group === "string");
  const uid = typeof user["uid"] === "string" ? { uid: user["uid"] } : {};
  return { user: name, groups, ...uid, ...(user["extra"] === undefined ? {} : { extra: user["extra"] }) };
}
