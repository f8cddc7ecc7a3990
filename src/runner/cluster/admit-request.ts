import type { IncomingMessage } from "node:http";
import type { RunnerOptions } from "../types.ts";
import type { Authenticate } from "./authenticate.ts";
import { type Authorize, selectSubresources, verbOf } from "./authorize.ts";
import { findClosed } from "./find-closed.ts";

/** A request whose sender may make it, or the answer that it gets instead. */
export type Admission =
  | { readonly kind: "admitted"; readonly url: URL; readonly parts: readonly string[] }
  | { readonly kind: "refused"; readonly status: number; readonly text: string };

const BASE = "http://kubelet";

/**
 * Asks who makes a request, whether they may, and whether what they ask for is switched on. Source: kubelet
 * server/server.go InstallAuthFilter.
 */
export async function admitRequest(
  request: IncomingMessage,
  routes: {
    readonly authenticate: Authenticate;
    readonly authorize: Authorize;
    readonly options: Pick<RunnerOptions, "kubelet">;
  },
): Promise<Admission> {
  const path = request.url ?? "/";
  if (!URL.canParse(path, BASE)) return { kind: "refused", status: 400, text: "the path cannot be read" };
  const url = new URL(path, BASE);
  const method = request.method ?? "GET";
  const user = await routes.authenticate(request);
  if (user === undefined) return { kind: "refused", status: 401, text: "Unauthorized" };
  const verdict = await routes.authorize({ user, method, path: url.pathname });
  if (verdict !== "allowed") {
    const subresources = selectSubresources(url.pathname).join(" ");
    const what = `user=${user.user}, verb=${verbOf(method)}, resource=nodes, subresource(s)=[${subresources}]`;
    return verdict === "denied"
      ? { kind: "refused", status: 403, text: `Forbidden (${what})` }
      : {
          kind: "refused",
          status: 500,
          text: `Authorization error (${what}): the API server could not be asked`,
        };
  }
  const parts = decodeParts(url.pathname);
  if (parts === undefined) return { kind: "refused", status: 400, text: "the path is not well encoded" };
  const closed = findClosed(parts, routes.options.kubelet);
  if (closed !== undefined) return { kind: "refused", ...closed };
  return { kind: "admitted", url, parts };
}

function decodeParts(path: string): readonly string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
