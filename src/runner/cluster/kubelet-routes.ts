import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { messageOf } from "../../core/errors.ts";
import type { ContainerSpec } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { PodStore, RunnerOptions } from "../types.ts";
import type { Authenticate } from "./authenticate.ts";
import { type Authorize, selectSubresources } from "./authorize.ts";
import { sendText } from "./send-text.ts";
import { serveContainerLog } from "./serve-container-log.ts";

/** What the routes answer from. */
export interface KubeletRoutes {
  readonly options: RunnerOptions;
  readonly store: PodStore;
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
}

/** Answers the kubelet API: who asks, whether they may, then the path. Source: kubelet server/server.go. */
export function createKubeletHandler(system: System, routes: KubeletRoutes): RequestListener {
  return (request, response) => {
    answer(system, { routes, request, response }).catch((error: unknown) => {
      system.log.error("a request to the kubelet API failed", {
        path: request.url?.split("?")[0],
        error: messageOf(error),
      });
      if (response.headersSent) response.destroy();
      else sendText(response, { status: 500, text: "internal error; see the runner's log" });
    });
  };
}

/** The health check on its own port: no TLS, no questions. */
export const serveHealthz: RequestListener = (request, response) => {
  const healthy = request.method === "GET" && /^\/healthz(\/|\?|$)/.test(request.url ?? "");
  sendText(response, healthy ? { status: 200, text: "ok" } : { status: 404, text: "404 page not found" });
};

interface Exchange {
  readonly routes: KubeletRoutes;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(system: System, exchange: Exchange): Promise<void> {
  const { routes, request, response } = exchange;
  const url = new URL(request.url ?? "/", "http://kubelet");
  const method = request.method ?? "GET";
  const user = await routes.authenticate(request);
  if (user === undefined) return sendText(response, { status: 401, text: "Unauthorized" });
  const verdict = await routes.authorize({ user, method, path: url.pathname });
  if (verdict !== "allowed") {
    const what = `user=${user.user}, method=${method}, resource=nodes, subresource(s)=[${selectSubresources(url.pathname).join(" ")}]`;
    return sendText(
      response,
      verdict === "denied"
        ? { status: 403, text: `Forbidden (${what})` }
        : { status: 500, text: `Authorization error (${what}): the API server could not be asked` },
    );
  }
  return route(system, { ...exchange, url });
}

async function route(system: System, exchange: Exchange & { readonly url: URL }): Promise<void> {
  const { routes, request, response, url } = exchange;
  const parts = decodeParts(url.pathname);
  if (parts === undefined) return sendText(response, { status: 400, text: "the path is not well encoded" });
  const [root = "", ...rest] = parts;
  const reason = NOT_SERVED[root];
  if (reason !== undefined) return sendText(response, { status: 404, text: reason });
  if (request.method !== "GET") return sendText(response, { status: 405, text: "Method Not Allowed" });
  if (root === "healthz") return sendText(response, { status: 200, text: "ok" });
  if (root === "pods")
    return sendPods(
      response,
      routes.store.list().map((report) => report.pod),
    );
  if (root === "runningpods") return sendPods(response, await listRunningPods(routes.options));
  if (root === "containerLogs") return serveContainerLog(system, { ...exchange, store: routes.store, rest });
  return sendText(response, { status: 404, text: "404 page not found" });
}

function decodeParts(path: string): readonly string[] | undefined {
  try {
    return path.split("/").slice(1).map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const NOT_SERVED: Readonly<Record<string, string>> = {
  exec: "slipway does not run commands in containers over the kubelet API",
  run: "slipway does not run commands in containers over the kubelet API",
  attach: "slipway does not attach to containers over the kubelet API",
  portForward: "slipway does not forward ports; the containers use the host's network",
};

function sendPods(response: ServerResponse, items: readonly unknown[]): void {
  const list = { kind: "PodList", apiVersion: "v1", metadata: {}, items };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(list));
}

/** What the runtime has, with no more than it knows: name, namespace, UID and the containers that run. */
async function listRunningPods({ runtime }: RunnerOptions): Promise<readonly unknown[]> {
  const byUid = new Map<string, readonly ContainerSpec[]>();
  for (const { spec, state } of await runtime.list()) {
    if (state.kind === "running") byUid.set(spec.podUid, [...(byUid.get(spec.podUid) ?? []), spec]);
  }
  return [...byUid.values()].flatMap((containers) => {
    const [first] = containers;
    if (first === undefined) return [];
    const { podName: name, podNamespace: namespace, podUid: uid } = first;
    return {
      metadata: { name, namespace, uid },
      spec: { containers: containers.map((spec) => ({ name: spec.containerName, image: spec.image })) },
    };
  });
}
