import { messageOf, SlipwayError, systemErrorCode } from "../core/errors.ts";
import type { HttpAgent, HttpRequest, HttpStream } from "../system/net.ts";
import type { System } from "../system/system.ts";
import { createRefusal } from "./describe-response.ts";
import type { ApiClient, ApiCredentials, ApiResponse, WatchEvent } from "./types.ts";
import { readWatchEvents } from "./watch-events.ts";

type ApiRequest = Parameters<ApiClient["request"]>[0];

/**
 * A client that keeps its connections. `credentials` as a function is asked before each request; when they have
 * changed, the old connections are closed. Until it was first asked, `server` is empty.
 * Raises SLIPWAY_API_REQUEST when the exchange itself fails, naming the server and the cause.
 */
export function createApiClient(
  system: Pick<System, "net">,
  options: { readonly credentials: ApiCredentials | (() => Promise<ApiCredentials>) },
): ApiClient {
  const { credentials } = options;
  const readCredentials = typeof credentials === "function" ? credentials : async () => credentials;
  let current: Connection | undefined;

  const connect = async (): Promise<Connection> => {
    const wanted = await readCredentials();
    if (current !== undefined && sameCredentials(current.credentials, wanted)) return current;
    current?.agent.close();
    const { ca, cert, key } = wanted;
    current = { credentials: wanted, agent: system.net.createAgent({ tls: { ca, cert, key } }) };
    return current;
  };

  return {
    get server() {
      return current?.credentials.server ?? (typeof credentials === "function" ? "" : credentials.server);
    },
    request: async (request) => {
      const connection = await connect();
      const response = await exchange(connection, {
        ...request,
        send: () => system.net.request(toHttpRequest(connection, request)),
      });
      return decodeResponse(response.status, response.body.toString("utf8"));
    },
    watch: async function* (request): AsyncGenerator<WatchEvent> {
      const connection = await connect();
      const http = toHttpRequest(connection, { method: "GET", ...request });
      const { status, stream } = await exchange(connection, {
        ...request,
        send: () => system.net.open({ ...http, timeoutMs: WATCH_START_TIMEOUT_MS }),
      });
      if (status !== 200) {
        const response = decodeResponse(status, await readText(stream));
        throw createRefusal(`watch ${request.path}`, response);
      }
      yield* readWatchEvents(stream);
    },
    close: () => current?.agent.close(),
  };
}

interface Connection {
  readonly credentials: ApiCredentials;
  readonly agent: HttpAgent;
}

/** A request without a timeout of its own is given up after this; the API server's own limit is 60 s. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** How long the API server may take to answer a watch with its head; it does so at once. */
const WATCH_START_TIMEOUT_MS = 30_000;

function sameCredentials(left: ApiCredentials, right: ApiCredentials): boolean {
  return (
    left.server === right.server && left.ca === right.ca && left.cert === right.cert && left.key === right.key
  );
}

function toHttpRequest(connection: Connection, request: ApiRequest): HttpRequest {
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  return {
    url: connection.credentials.server + request.path,
    method: request.method,
    agent: connection.agent,
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    headers: {
      accept: "application/json",
      "user-agent": "slipway",
      ...(body === undefined ? {} : describeBody(body, request.contentType)),
    },
    ...(body === undefined ? {} : { body }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
}

/** The length is named because Node frames the body of a DELETE by nothing else. */
function describeBody(body: string, contentType = "application/json"): Record<string, string> {
  return { "content-type": contentType, "content-length": String(Buffer.byteLength(body)) };
}

async function exchange<T>(
  connection: Connection,
  request: { readonly send: () => Promise<T>; readonly signal?: AbortSignal },
): Promise<T> {
  try {
    return await request.send();
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    throw new SlipwayError({
      code: "SLIPWAY_API_REQUEST",
      what: `cannot talk to the API server at ${connection.credentials.server}`,
      why: describeCause(error),
      fix: "check that the API server is up: slipway status",
      cause: error,
    });
  }
}

function describeCause(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "it did not answer in time";
  return CAUSES[systemErrorCode(error) ?? ""] ?? messageOf(error);
}

const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused: nothing listens there",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "no route leads to that host",
  ENETUNREACH: "no route leads to that network",
  ENOTFOUND: "the host name cannot be resolved",
  ETIMEDOUT: "the connection timed out",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name or address",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate was signed by a CA that is not this cluster's",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate was signed by a CA that is not this cluster's",
};

function decodeResponse(status: number, text: string): ApiResponse {
  try {
    return { status, body: JSON.parse(text), text };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { status, body: { text }, text };
  }
}

async function readText(stream: HttpStream["stream"]): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
