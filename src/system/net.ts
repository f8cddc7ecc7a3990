import { Resolver } from "node:dns/promises";
import * as http from "node:http";
import * as https from "node:https";
import { connect, createServer } from "node:net";
import { createSecureContext } from "node:tls";
import { toTimerMs } from "../core/duration.ts";
import { systemErrorCode } from "../core/errors.ts";
import { callHttp2, type Http2Answer, type Http2Call } from "./call-http2.ts";
import { claimName, type NameClaim } from "./claim-name.ts";

/** Client credentials and trust for TLS, all PEM. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Accept any server certificate. */
  readonly insecure?: boolean;
  readonly serverName?: string;
}

/** One HTTP request. `url` is http: or https:; with `socketPath` the host part is only a name. */
export interface HttpRequest {
  readonly url: string;
  /** What goes out in place of the path that `url` has once it is normalised, each character a byte; it may have spaces. */
  readonly path?: string;
  readonly method?: string;
  /** More than one value: a line each. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly tls?: TlsOptions;
  readonly socketPath?: string;
  /** For the whole exchange in `request`, until the response's head in `open`. Default: none. */
  readonly timeoutMs?: number;
  /** The longest body that is read, in bytes; more rejects. Default 32 MiB. Only for `request`. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
  /** Reuses connections; from `createAgent`. Default: a connection of its own. */
  readonly agent?: HttpAgent;
  /**
   * Reads answers that Go's client reads and Node's refuses: lines that end in LF alone, folded headers, Content-Length
   * beside chunks, 10 MiB of headers. Source: Go net/http transfer.go, transport.go maxHeaderResponseSize.
   */
  readonly lenient?: boolean;
}

/** A response whose body has been read. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A response whose body still comes. The caller reads `stream` to its end or destroys it. */
export interface HttpStream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly stream: http.IncomingMessage;
}

/** Connections that are kept for the next request; `close` ends them. */
export interface HttpAgent {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

/** Whether a port can be listened on: undefined when free, else the system error such as `EADDRINUSE`. */
export type ListenProblem = string | undefined;

/** The network. Requests use no proxy and follow no redirect; failures reject with Node's system error. */
export interface Net {
  request(request: HttpRequest): Promise<HttpResponse>;
  open(request: HttpRequest): Promise<HttpStream>;
  createAgent(options?: { readonly maxSockets?: number; readonly tls?: TlsOptions }): HttpAgent;
  probeListen(address: { readonly host: string; readonly port: number }): Promise<ListenProblem>;
  /** Connects over TCP and closes again. Rejects with the system error, or when `timeoutMs` have passed. */
  probeConnect(address: {
    readonly host: string;
    readonly port: number;
    readonly timeoutMs: number;
  }): Promise<void>;
  /** One POST over HTTP/2 without TLS, as gRPC makes it. */
  callHttp2(call: Http2Call): Promise<Http2Answer>;
  /**
   * Holds a name for as long as this process lives, among the processes of one network namespace: an abstract Unix
   * socket, which leaves nothing on the disk. When it is held already, `holder` is the holder's own answer.
   */
  claimName(claim: { readonly name: string; readonly answer: string }): Promise<NameClaim>;
  /** The addresses that the DNS servers have for a name; none when they do not answer in time. Never rejects. */
  resolveName(name: string, options: { readonly timeoutMs: number }): Promise<readonly string[]>;
}

/** The machine's network. */
export function createNet(): Net {
  return { request, open, createAgent, probeListen, probeConnect, callHttp2, claimName, resolveName };
}

const DEFAULT_MAX_BODY_BYTES = 32 * 1024 * 1024;

async function request({ timeoutMs: limitMs, ...options }: HttpRequest): Promise<HttpResponse> {
  // What is left of a monotonic clock's time is no whole number, and Node takes no other.
  const timeoutMs = limitMs === undefined ? undefined : toTimerMs(limitMs);
  const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signal = anySignal([options.signal, deadline]);
  try {
    return await exchange({ ...options, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if (deadline?.aborted !== true || options.signal?.aborted === true) throw error;
    throw new Error(`no answer within ${timeoutMs} ms`, { cause: error });
  }
}

async function exchange(options: HttpRequest): Promise<HttpResponse> {
  const { status, headers, stream } = await open(options);
  const limit = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > limit) {
      stream.destroy();
      throw new Error(`the body is longer than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  if (!stream.complete) throw new Error("the connection was cut in the middle of the body");
  return { status, headers, body: Buffer.concat(chunks) };
}

/** Of Node's request, for `lenient`. */
const LENIENT = { insecureHTTPParser: true, maxHeaderSize: 10 << 20 };

function open(options: HttpRequest): Promise<HttpStream> {
  return new Promise((resolve, reject) => {
    const url = new URL(options.url);
    const secure = url.protocol === "https:";
    const signal = anySignal([options.signal]);
    const outgoing = (secure ? https : http).request(url, {
      method: options.method ?? "GET",
      // Node refuses spaces, and only here, along with what would end the line.
      ...(options.path === undefined ? {} : { path: options.path.replaceAll(" ", "+") }),
      headers: toNodeHeaders(options.headers),
      agent: (secure ? options.agent?.https : options.agent?.http) ?? false,
      ...(options.socketPath === undefined ? {} : { socketPath: options.socketPath }),
      ...(signal === undefined ? {} : { signal }),
      ...(secure ? toTls(options.tls) : {}),
      ...(options.lenient === true ? LENIENT : {}),
    });
    outgoing.path = options.path ?? outgoing.path;
    let timer: NodeJS.Timeout | undefined;
    if (options.timeoutMs !== undefined) {
      const { timeoutMs } = options;
      const giveUp = () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`));
      timer = setTimeout(giveUp, toTimerMs(timeoutMs));
    }
    outgoing.once("response", (stream) => {
      clearTimeout(timer);
      resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream });
    });
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(options.body);
  });
}

/** Node takes no list for a Host. */
function toNodeHeaders(headers: HttpRequest["headers"] = {}): http.OutgoingHttpHeaders {
  const copied = Object.entries(headers).map(([name, value]) =>
    typeof value === "string" || value.length === 1 ? [name, String(value)] : [name, [...value]],
  );
  return Object.fromEntries(copied);
}

function createAgent(options?: { readonly maxSockets?: number; readonly tls?: TlsOptions }): HttpAgent {
  const common = { keepAlive: true, maxSockets: options?.maxSockets ?? 8 };
  const agents = {
    http: new http.Agent(common),
    https: new https.Agent({ ...common, ...toAgentTls(options?.tls) }),
  };
  return {
    ...agents,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/**
 * With one TLS context for all connections: Node would read certificates and key anew for each. Who accepts any
 * certificate needs no CA: reading Node's own takes some 20 ms.
 */
function toAgentTls(tls: TlsOptions | undefined): https.AgentOptions {
  const { ca, cert, key, ...rest } = toTls(tls);
  const known = ca ?? (tls?.insecure === true ? [] : undefined);
  return { ...rest, secureContext: createSecureContext({ ca: known, cert, key }) };
}

function toTls(tls: TlsOptions | undefined): https.AgentOptions {
  if (tls === undefined) return {};
  return {
    rejectUnauthorized: tls.insecure !== true,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function anySignal(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const present = signals.filter((signal) => signal !== undefined);
  return present.length > 1 ? AbortSignal.any(present) : present[0];
}

function probeListen(address: { readonly host: string; readonly port: number }): Promise<ListenProblem> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(systemErrorCode(error) ?? error.message));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}

async function resolveName(
  name: string,
  options: { readonly timeoutMs: number },
): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: options.timeoutMs, tries: 1 });
  const timer = setTimeout(() => resolver.cancel(), options.timeoutMs);
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  clearTimeout(timer);
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
}

function probeConnect(address: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    socket.setTimeout(toTimerMs(address.timeoutMs), () => {
      socket.destroy(new Error(`no connection within ${address.timeoutMs} ms`));
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}
