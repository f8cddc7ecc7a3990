import type { RequestListener, Server } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { messageOf, systemErrorCode, systemErrorPath } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";
import type { KubeletConfiguration, PodStore, RunnerOptions } from "../types.ts";
import type { ApiLink } from "./api-link.ts";
import { createAuthenticator } from "./authenticate.ts";
import { createAuthorizer } from "./authorize.ts";
import { createBackOff } from "./back-off.ts";
import { createKubeletHandler, type KubeletRoutes, serveHealthz } from "./kubelet-routes.ts";
import { type Loop, startLoop } from "./level-loop.ts";
import { readServingFiles } from "./serving-files.ts";
import { createUpgradeHandler } from "./streaming/handle-upgrade.ts";

/** The servers of the kubelet API. */
export interface KubeletServer {
  close(): Promise<void>;
  /** Where the API and its health check are served; undefined while they are not. */
  ports(): { readonly api: number | undefined; readonly healthz: number | undefined };
}

/** Files are looked at again this often; ours, below the kubelet's 1 min. */
const CHECK_MS = 10_000;
/** A taken port and a certificate that is still being made are tried again; ours. */
const RETRY = { firstMs: 50, maxMs: 10_000 };
/** What stands in the way when no certificate is there yet. */
const WAITING = "no certificate";
/** The API server keeps its connections for 90 s. Source: Go net/http DefaultTransport IdleConnTimeout. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Serves the kubelet API over TLS and its health check over plain HTTP, as far as the configuration asks for them.
 * A taken port or a missing certificate is logged once and tried again. Renewed files are used for new connections.
 */
export function startKubeletServer(
  system: System,
  context: {
    readonly options: RunnerOptions;
    readonly store: PodStore;
    readonly link: ApiLink | undefined;
  },
): KubeletServer {
  const { kubelet } = context.options;
  const api = kubelet.enableServer ? serveApi(system, context) : undefined;
  const healthz =
    kubelet.healthzPort > 0
      ? keepServing(system, {
          name: "health check",
          host: kubelet.healthzBindAddress,
          port: kubelet.healthzPort,
          createServer: async () => createHttpServer(serveHealthz),
        })
      : undefined;
  return {
    close: async () => {
      await Promise.all([api?.close(), healthz?.close()]);
    },
    ports: () => ({ api: api?.port(), healthz: healthz?.port() }),
  };
}

function serveApi(
  system: System,
  context: {
    readonly options: RunnerOptions;
    readonly store: PodStore;
    readonly link: ApiLink | undefined;
  },
): Served {
  const { options, link } = context;
  const { kubelet, nodeName } = options;
  const routes: KubeletRoutes = {
    ...context,
    authenticate: createAuthenticator(system, { kubelet, link }),
    authorize: createAuthorizer(system, { kubelet, link, nodeName }),
  };
  const handler = createKubeletHandler(system, routes);
  const onUpgrade = createUpgradeHandler(system, routes);
  const secure = createSecureServer(system, { kubelet, handler, onUpgrade });
  return keepServing(system, { name: "kubelet API", host: kubelet.address, port: kubelet.port, ...secure });
}

/** A server whose certificate follows the files. */
function createSecureServer(
  system: System,
  options: {
    readonly kubelet: KubeletConfiguration;
    readonly handler: RequestListener;
    readonly onUpgrade: ReturnType<typeof createUpgradeHandler>;
  },
): { readonly createServer: () => Promise<Server>; readonly refresh: () => Promise<void> } {
  let stamp: string | undefined;
  let server: ReturnType<typeof createHttpsServer> | undefined;
  const read = async (): Promise<SecureContextOptions | undefined> => {
    const files = await readServingFiles(system, { paths: options.kubelet, knownStamp: stamp });
    stamp = files?.stamp ?? stamp;
    return files?.context;
  };
  return {
    createServer: async () => {
      stamp = undefined;
      // A client certificate is asked for, not demanded: there are tokens too. An untrusted one counts as none.
      const tls = { requestCert: options.kubelet.clientCAFile !== undefined, rejectUnauthorized: false };
      server = createHttpsServer({ ...(await read()), ...tls }, options.handler);
      server.on("upgrade", options.onUpgrade);
      return server;
    },
    refresh: async () => {
      const context = await read();
      if (context !== undefined) server?.setSecureContext(context);
    },
  };
}

interface Served {
  close(): Promise<void>;
  port(): number | undefined;
}

function keepServing(
  system: System,
  options: {
    readonly name: string;
    readonly host: string;
    readonly port: number;
    readonly createServer: () => Promise<Server>;
    readonly refresh?: () => Promise<void>;
  },
): Served {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let problem: string | undefined;
  const backOff = createBackOff(RETRY);
  const pass = async (): Promise<number> => {
    try {
      if (server === undefined) server = await listen(await options.createServer(), { ...options, sockets });
      else await options.refresh?.();
      problem = undefined;
      backOff.reset();
      return CHECK_MS;
    } catch (error) {
      const reason = messageOf(error);
      // A runner begins while init still makes its certificate.
      if (systemErrorCode(error) === "ENOENT") {
        if (problem !== WAITING)
          system.log.info(`the ${options.name} waits for its certificate`, {
            missing: systemErrorPath(error) ?? reason,
          });
        problem = WAITING;
        return backOff.nextMs();
      }
      if (reason !== problem)
        system.log.error(`the ${options.name} is not served`, { port: options.port, error: reason });
      problem = reason;
      return backOff.nextMs();
    }
  };
  const loop: Loop = startLoop(system, { name: options.name, pass });
  return {
    close: async () => {
      await loop.close();
      await stop(server, sockets);
    },
    port: () => {
      const address = server?.address();
      return typeof address === "object" ? address?.port : undefined;
    },
  };
}

function listen(
  server: Server,
  options: { readonly host: string; readonly port: number; readonly sockets: Set<Socket> },
): Promise<Server> {
  server.on("connection", (socket: Socket) => {
    options.sockets.add(socket);
    socket.once("close", () => options.sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.on("error", reject);
    server.listen(options.port, options.host, () => resolve(server));
  });
}

function stop(server: Server | undefined, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    if (server === undefined) return resolve();
    server.close(() => resolve());
    // Also those that were upgraded, which the server no longer counts as its own.
    for (const socket of sockets) socket.destroy();
  });
}
