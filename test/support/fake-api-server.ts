import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { ApiCredentials, KubeObject } from "../../src/api/types.ts";

type Body = Record<string, unknown>;

/** One request that the fake was sent. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** An answer that replaces the fake's own. */
export interface CannedAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An API server that keeps objects in memory: create, get, list, replace, patch, delete, watch. */
export interface FakeApiServer {
  readonly credentials: ApiCredentials;
  readonly requests: SeenRequest[];
  /** Answers instead of the fake when it returns something. */
  intercept: (request: SeenRequest) => CannedAnswer | undefined;
  get(path: string): KubeObject | undefined;
  /** Puts an object as another client would. */
  put(path: string, object: KubeObject): KubeObject;
  remove(path: string): void;
  /** How many watches are open. */
  watches(): number;
  /** Takes no new connections and leaves the open ones, as an API server that ends; `stop` completes it. */
  refuse(): void;
  /** Refuses connections and breaks the open ones until `start` is called. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Where a fake listens; with `tls` over HTTPS. */
export interface FakeApiServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts a fake on loopback. `stop` it at the end of the test. */
export async function startFakeApiServer({
  port: wanted = 0,
  tls,
}: FakeApiServerOptions = {}): Promise<FakeApiServer> {
  const objects = new Map<string, KubeObject>();
  const watchers = new Set<{ readonly collection: string; readonly response: ServerResponse }>();
  const requests: SeenRequest[] = [];
  let version = 0;
  let uids = 0;
  let port = wanted;

  const emit = (type: string, path: string, object: KubeObject): void => {
    for (const watcher of watchers) {
      const named = path.startsWith(`${watcher.collection}/`) || watcher.collection === allOf(path);
      if (named) watcher.response.write(`${JSON.stringify({ type, object })}\n`);
    }
  };
  const put = (path: string, object: KubeObject): KubeObject => {
    version += 1;
    const old = objects.get(path);
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...object.metadata,
        uid: old?.metadata.uid ?? `uid-${++uids}`,
        resourceVersion: String(version),
      },
    };
    objects.set(path, stored);
    emit(old === undefined ? "ADDED" : "MODIFIED", path, stored);
    return stored;
  };
  const remove = (path: string): void => {
    const old = objects.get(path);
    if (old === undefined || !objects.delete(path)) return;
    version += 1;
    emit("DELETED", path, { ...old, metadata: { ...old.metadata, resourceVersion: String(version) } });
  };

  const fake: FakeApiServer = {
    get credentials() {
      return { server: `http://127.0.0.1:${port}`, ca: "", cert: "", key: "" };
    },
    requests,
    intercept: () => undefined,
    get: (path) => objects.get(path),
    put,
    remove,
    watches: () => watchers.size,
    refuse: () => void server.close(),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        watchers.clear();
      }),
    start: () =>
      new Promise((resolve) => {
        server.listen(port, "127.0.0.1", () => {
          port = (server.address() as AddressInfo).port;
          resolve();
        });
      }),
  };

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://fake");
    const body = await readBody(request);
    const seen = { method: request.method ?? "", path: url.pathname + url.search, body };
    requests.push(seen);
    const canned = fake.intercept(seen);
    if (canned !== undefined) return answer(response, canned.status, canned.body);
    if (url.searchParams.get("watch") === "true") {
      const watcher = { collection: url.pathname, response };
      response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
      watchers.add(watcher);
      response.on("close", () => watchers.delete(watcher));
      return;
    }
    const [status, result] = act({ objects, put, remove }, { url, body, method: seen.method });
    answer(response, status, result);
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await fake.start();
  return fake;
}

interface Store {
  readonly objects: Map<string, KubeObject>;
  put(path: string, object: KubeObject): KubeObject;
  remove(path: string): void;
}

function act(
  store: Store,
  request: { readonly url: URL; readonly body: unknown; readonly method: string },
): [number, unknown] {
  const path = decodeURIComponent(request.url.pathname).replace(/\/status$/, "");
  const found = store.objects.get(path);
  const body = (request.body ?? {}) as KubeObject;
  if (request.method === "POST") {
    const target = `${path}/${body.metadata.name}`;
    if (store.objects.has(target)) return problem(409, "AlreadyExists", `${target} already exists`);
    return [201, store.put(target, body)];
  }
  if (request.method === "GET" && found === undefined && isCollection(path)) return [200, list(store, path)];
  if (found === undefined) return problem(404, "NotFound", `${path} not found`);
  const wanted = (body as unknown as Body)["preconditions"] ?? body.metadata;
  const uid = (wanted as Body | undefined)?.["uid"];
  if (uid !== undefined && uid !== found.metadata.uid) return problem(409, "Conflict", "the UID differs");
  if (request.method === "GET") return [200, found];
  if (request.method === "PUT") return [200, store.put(path, body)];
  if (request.method === "PATCH") return [200, store.put(path, merge(found, body) as KubeObject)];
  store.remove(path);
  return [200, found];
}

/** `/api/v1/nodes`, `/apis/apps/v1/namespaces/x/deployments`: no name behind the resource. */
function isCollection(path: string): boolean {
  return /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/[^/]+$/.test(path);
}

function list(store: Store, path: string): unknown {
  const items = [...store.objects].filter(([key]) => allOf(key) === path || key.startsWith(`${path}/`));
  const versions = [...store.objects.values()].map((item) => Number(item.metadata.resourceVersion));
  return {
    metadata: { resourceVersion: String(Math.max(0, ...versions)) },
    items: items.map(([, item]) => item),
  };
}

/** `/api/v1/namespaces/x/pods/a` → `/api/v1/pods`. */
function allOf(path: string): string {
  return path.replace(/\/namespaces\/[^/]+(?=\/)/, "").replace(/\/[^/]+$/, "");
}

/** Enough of a strategic merge: objects merge, null removes, lists are replaced but `conditions`, merged by type. */
function merge(live: unknown, patch: unknown, field = ""): unknown {
  if (Array.isArray(patch) && field === "conditions") return mergeByType((live ?? []) as Body[], patch);
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Body = { ...((live ?? {}) as Body) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value, key);
  }
  return result;
}

function mergeByType(all: readonly Body[], changes: readonly Body[]): Body[] {
  const removed = changes.filter((item) => item["$patch"] === "delete").map((item) => item["type"]);
  const patch = changes.filter((item) => !removed.includes(item["type"]));
  const live = all.filter((old) => !removed.includes(old["type"]));
  const added = patch.filter((item) => !live.some((old) => old["type"] === item["type"]));
  const changeOf = (old: Body): Body => patch.find((item) => item["type"] === old["type"]) ?? {};
  return [...live.map((old) => merge(old, changeOf(old))), ...added.map((item) => merge({}, item))] as Body[];
}

function problem(code: number, reason: string, message: string): [number, unknown] {
  return [code, { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message }];
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}
