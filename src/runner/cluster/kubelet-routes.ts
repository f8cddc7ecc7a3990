import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { messageOf } from "../../core/errors.ts";
import { readProcessUsage } from "../../runtime/read-process-usage.ts";
import type { ContainerSpec } from "../../runtime/types.ts";
import type { System } from "../../system/system.ts";
import type { PodStore, RunnerOptions } from "../types.ts";
import { admitRequest } from "./admit-request.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Authorize } from "./authorize.ts";
import { buildSummary } from "./build-summary.ts";
import { buildCadvisorMetrics } from "./cadvisor-metrics.ts";
import { describeConfig } from "./describe-config.ts";
import { formatMetrics } from "./format-metrics.ts";
import { buildResourceMetrics } from "./resource-metrics.ts";
import { sendText } from "./send-text.ts";
import { serveContainerLog } from "./serve-container-log.ts";
import { serveNodeLog } from "./serve-node-log.ts";
import { serveRun } from "./serve-run.ts";

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
  const admission = await admitRequest(request, routes);
  if (admission.kind === "refused") return sendText(response, admission);
  return route(system, { ...exchange, ...admission });
}

async function route(
  system: System,
  exchange: Exchange & { readonly url: URL; readonly parts: readonly string[] },
): Promise<void> {
  const { routes, request, response } = exchange;
  const [root = "", ...rest] = exchange.parts;
  if (STREAMING.has(root))
    return sendText(response, { status: 400, text: "this needs an upgrade to SPDY/3.1" });
  const { store, options } = routes;
  if (root === "run") return serveRun(system, { ...exchange, store, runtime: options.runtime, rest });
  if (request.method !== "GET") return sendText(response, { status: 405, text: "Method Not Allowed" });
  if (root === "containerLogs") return serveContainerLog(system, { ...exchange, store, rest });
  if (root === "logs") return serveNodeLog(system, { root: options.root, rest, response });
  const view =
    VIEWS.get(exchange.parts.join("/").replace(/\/$/, "")) ?? VIEWS.get(root === "healthz" ? root : "");
  if (view === undefined) return sendText(response, { status: 404, text: "404 page not found" });
  const shown = await view(system, routes);
  if (typeof shown === "string") return sendText(response, { status: 200, text: shown });
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
}

type View = (system: System, routes: KubeletRoutes) => Promise<string | object>;

/** What can be looked at, by path: text, or an object that is shown as JSON. */
const VIEWS: ReadonlyMap<string, View> = new Map(
  Object.entries<View>({
    healthz: async () => "ok",
    pods: async (_system, { store }) => toPodList(store.list().map((report) => report.pod)),
    runningpods: async (_system, { options }) => toPodList(await listRunningPods(options)),
    configz: async (_system, { options }) => describeConfig(options.kubelet),
    metrics: showMetrics,
    "metrics/cadvisor": (system, { options, store }) =>
      buildCadvisorMetrics(system, { options, reports: store.list() }),
    "metrics/resource": (system, { options, store }) =>
      buildResourceMetrics(system, { ...options, reports: store.list() }),
    "stats/summary": (system, { options, store }) => buildSummary(system, { options, reports: store.list() }),
  }),
);

async function showMetrics(system: System, { options, store }: KubeletRoutes): Promise<string> {
  const containers = await options.runtime.list();
  const running = containers.filter(({ state }) => state.kind === "running").length;
  const usage = await readProcessUsage(system, system.host.pid);
  return formatMetrics({
    nodeName: options.nodeName,
    kubeletVersion: options.kubeletVersion,
    reports: store.list(),
    runningContainers: running,
    exitedContainers: containers.length - running,
    startedAtMs: system.host.startedAtMs,
    residentBytes: usage?.residentBytes ?? 0,
    cpuSeconds: usage?.cpuSeconds ?? 0,
  });
}

const STREAMING = new Set(["exec", "attach", "portForward"]);

function toPodList(items: readonly unknown[]): object {
  return { kind: "PodList", apiVersion: "v1", metadata: {}, items };
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
