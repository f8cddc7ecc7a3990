import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname } from "node:path";
import {
  CONTROL_API,
  type PodReport,
  type RestartOutcome,
  type RunnerEvent,
  type RunnerInfo,
} from "../control/protocol.ts";
import { describeFileError, messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import type { System } from "../system/system.ts";
import { type KeptSocket, keepSocket } from "./keep-socket.ts";

/** What the control socket can ask of a runner. */
export interface ControlHandlers {
  readonly info: () => RunnerInfo;
  /** Waits until the pods of an earlier runner are found. */
  readonly pods: () => Promise<readonly PodReport[]>;
  readonly events: () => readonly RunnerEvent[];
  /** Undefined when there is no such pod. */
  readonly restart: (pod: {
    readonly namespace: string;
    readonly name: string;
  }) => Promise<RestartOutcome | undefined>;
  readonly reload: () => void | Promise<void>;
  readonly stop: (options: { readonly pods: boolean }) => Promise<void>;
}

/** A stale socket refuses at once; a living runner answers well within this. */
const ANSWER_TIMEOUT_MS = 2000;
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Serves the control protocol on a Unix socket that only this user can reach. The socket is the runner's lock: raises
 * SLIPWAY_RUNNER_RUNNING when another runner answers on it; a stale one is replaced. Raises SLIPWAY_FILE_ACCESS.
 */
export async function serveControl(
  system: Pick<System, "clock" | "fs" | "host" | "log" | "net">,
  options: { readonly socketPath: string; readonly handlers: ControlHandlers },
): Promise<KeptSocket> {
  const { socketPath, handlers } = options;
  const keep = (): Promise<KeptSocket> =>
    keepSocket(system, {
      path: socketPath,
      prepare: () => preparePrivateDir(system, dirname(socketPath)),
      onRequest: (request, response) => void answer(handlers, { request, response }),
    });
  try {
    return await keep();
  } catch (error) {
    if (systemErrorCode(error) !== "EADDRINUSE")
      throw describeFileError(error, { action: "listen on", path: socketPath });
    await refuseSecondRunner(system, socketPath);
    await system.fs.removeFile(socketPath);
    return keep();
  }
}

/**
 * Node cannot tell who connects, so the directory (0700) and the socket (0600) keep others out, each for itself: the
 * directory also in the moment before the socket has its mode. What clients look at: refuse-foreign-socket.ts.
 */
async function preparePrivateDir(system: Pick<System, "fs" | "host">, path: string): Promise<void> {
  try {
    await makeMissing(system, path);
    const status = await system.fs.lstat(path);
    if (status?.kind !== "directory" || status.uid !== system.host.uid) {
      throw new SlipwayError({
        code: "SLIPWAY_FILE_ACCESS",
        what: `the control socket's directory ${path} cannot be used`,
        why: "it is not a directory of this user",
        fix: `remove or rename ${path}, then start the runner again`,
      });
    }
    if (status.mode !== 0o700) await system.fs.chmod(path, 0o700);
  } catch (error) {
    throw describeFileError(error, { action: "prepare", path });
  }
}

async function makeMissing(system: Pick<System, "fs">, path: string): Promise<void> {
  if ((await system.fs.lstat(path)) !== undefined) return;
  await makeMissing(system, dirname(path));
  await system.fs.makeDir(path, { mode: 0o700 });
}

async function refuseSecondRunner(system: Pick<System, "net">, socketPath: string): Promise<void> {
  try {
    await system.net.request({
      url: `http://runner${CONTROL_API}/info`,
      socketPath,
      timeoutMs: ANSWER_TIMEOUT_MS,
    });
  } catch (error) {
    if (systemErrorCode(error) === "ECONNREFUSED" || systemErrorCode(error) === "ENOENT") return;
  }
  throw new SlipwayError({
    code: "SLIPWAY_RUNNER_RUNNING",
    what: "a second runner cannot be started on this root",
    why: `another one holds ${socketPath}`,
    fix: "to see it: slipway runner status; to replace it: slipway runner restart",
  });
}

async function answer(
  handlers: ControlHandlers,
  exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { request, response } = exchange;
  try {
    send(response, { status: 200, body: await dispatch(handlers, request) });
  } catch (error) {
    const failure =
      error instanceof SlipwayError
        ? { code: error.code, what: error.what, why: error.why, fix: error.fix }
        : {
            code: "INTERNAL",
            what: "internal error of the runner",
            why: messageOf(error),
            fix: "see the runner's log",
          };
    send(response, { status: error instanceof SlipwayError ? 404 : 500, body: { error: failure } });
  }
}

async function dispatch(handlers: ControlHandlers, request: IncomingMessage): Promise<unknown> {
  const path = (request.url ?? "").slice(CONTROL_API.length);
  const route = `${request.method ?? ""} ${path}`;
  if (route === "GET /info") return handlers.info();
  if (route === "GET /pods") return handlers.pods();
  if (route === "GET /events") return handlers.events();
  if (route === "POST /reload") await handlers.reload();
  else if (route === "POST /stop") await handlers.stop(await readStopBody(request));
  else return { outcome: await restartPod(handlers, route) };
  return {};
}

async function restartPod(handlers: ControlHandlers, route: string): Promise<RestartOutcome> {
  const pod = /^POST \/pods\/([^/]+)\/([^/]+)\/restart$/.exec(route);
  if (pod === null) throw noSuch(`the runner's control socket has no ${route}`);
  const [namespace, name] = decodeNames(pod.slice(1));
  if (namespace === undefined || name === undefined)
    throw noSuch(`the runner's control socket has no ${route}`);
  const outcome = await handlers.restart({ namespace, name });
  if (outcome === undefined) throw noSuch(`there is no pod ${name} in namespace ${namespace}`);
  return outcome;
}

function decodeNames(names: readonly string[]): readonly string[] {
  try {
    return names.map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) return [];
    throw error;
  }
}

function noSuch(what: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_POD_NOT_FOUND",
    what,
    why: "the runner does not know it",
    fix: "to see the pods of this runner: slipway ps",
  });
}

async function readStopBody(request: IncomingMessage): Promise<{ readonly pods: boolean }> {
  let text = "";
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > MAX_BODY_BYTES) throw unreadable(`it has more than ${MAX_BODY_BYTES} bytes`);
  }
  try {
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return { pods: isObject(body) && body["pods"] === true };
  } catch (error) {
    throw unreadable(messageOf(error));
  }
}

function unreadable(why: string): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: "a request to the runner's control socket cannot be read",
    why,
    fix: "ask for it in the right words: slipway runner stop",
  });
}

function send(response: ServerResponse, answered: { readonly status: number; readonly body: unknown }): void {
  response.writeHead(answered.status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(answered.body));
}
