import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import { connect as connectSocket } from "node:net";
import { toTimerMs } from "../core/duration.ts";
import { formatHostPort } from "../core/host-port.ts";

/** One POST over HTTP/2 without TLS. */
export interface Http2Call {
  readonly host: string;
  readonly port: number;
  /** A Unix socket to connect to; host and port are then only a name. */
  readonly socketPath?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For all of it, the connection included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What came back; `headers` holds the trailers too. */
export interface Http2Answer {
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: Buffer;
}

/** A health answer is a few bytes; a server that sends more than this is none. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Makes one call over a connection of its own. Rejects with the system error, with an Error whose code is
 * `ERR_CALL_TIMEOUT` (connected) or `ERR_CONNECT_TIMEOUT` when the time is over, or with the signal's reason.
 */
export async function callHttp2(call: Http2Call): Promise<Http2Answer> {
  const { connect } = await import("node:http2");
  const { socketPath } = call;
  const session = connect(
    `http://${formatHostPort(call.host, call.port)}`,
    socketPath === undefined ? {} : { createConnection: () => connectSocket(socketPath) },
  );
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => session.destroy();
  call.signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<Http2Answer>((resolve, reject) => {
      timer = setTimeout(() => reject(timeoutError(session)), toTimerMs(call.timeoutMs));
      session.once("error", reject);
      session.once("close", () => reject(call.signal.reason ?? new Error("the connection was closed")));
      exchange(session, call).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    call.signal.removeEventListener("abort", stop);
    session.destroy();
  }
}

function exchange(session: ClientHttp2Session, call: Http2Call): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": call.path, ...call.headers });
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    let sizeBytes = 0;
    stream.once("error", reject);
    stream.on("response", (received) => {
      headers = { ...headers, ...received };
    });
    stream.on("trailers", (received) => {
      headers = { ...headers, ...received };
    });
    stream.on("data", (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_BODY_BYTES)
        stream.destroy(new Error(`the body is longer than ${MAX_BODY_BYTES} bytes`));
      else chunks.push(chunk);
    });
    stream.once("end", () => resolve({ headers, body: Buffer.concat(chunks) }));
    stream.end(call.body);
  });
}

function timeoutError(session: ClientHttp2Session): Error {
  const isConnected = !session.connecting;
  return Object.assign(new Error("no answer in time"), {
    code: isConnected ? "ERR_CALL_TIMEOUT" : "ERR_CONNECT_TIMEOUT",
  });
}
