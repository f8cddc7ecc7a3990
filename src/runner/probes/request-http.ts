import { parseIpAddress } from "../../core/cidr.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { formatHostPort } from "../../core/host-port.ts";
import type { HttpGetAction } from "../../pod/types.ts";
import type { HttpAgent, HttpStream } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { formatHttpHeaders } from "./format-http-headers.ts";
import { formatRequestUri } from "./format-request-uri.ts";

/** An httpGet of a probe or a hook with everything looked up. */
export interface HttpGet {
  readonly action: HttpGetAction;
  readonly host: string;
  readonly port: number;
  readonly userAgent: string;
  readonly agent: HttpAgent;
}

/** What a server says, after the redirects that were followed. */
export interface HttpAnswer {
  readonly status: number;
  /** The first 10 KiB. */
  readonly body: string;
  /** Why no more of the body came, though there should have been more; undefined: it came. */
  readonly cutBecause: unknown;
  /** The other host that it redirects to. */
  readonly leftTo: string | undefined;
}

/** Source: pkg/probe/http/http.go maxRespBodyLength, RedirectChecker. */
const MAX_BODY_BYTES = 10 * 1024;
const MAX_REQUESTS = 10;

/** The body of a redirect that is read so that its connection can be kept. Source: Go net/http client.go maxBodySlurpSize. */
const MAX_SKIPPED_BYTES = 2 * 1024;

/** What a request over a kept connection fails with when the other side has closed it meanwhile. */
const STALE_CONNECTION = ["ECONNRESET", "EPIPE"];

/**
 * The answer to a GET, whatever its status. The certificate is not checked. A redirect is followed within the host.
 * Rejects when there is no answer: with the signal's reason when that ends it.
 */
export async function requestHttp(
  system: Pick<System, "net">,
  request: HttpGet & { readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const { signal } = request;
  let hop = firstHop(request);
  for (let asked = 1; asked <= MAX_REQUESTS; asked += 1) {
    const response = await open(system, { ...request, hop });
    const target = redirectTarget(response, hop.url);
    if (target === undefined || target.hostname !== hop.url.hostname) {
      const read = await readStart(response, { sizeBytes: MAX_BODY_BYTES, signal });
      return { status: response.status, ...read, leftTo: target?.host };
    }
    if (Number(response.headers["content-length"] ?? 0) > MAX_SKIPPED_BYTES) response.stream.destroy();
    else await readStart(response, { sizeBytes: MAX_SKIPPED_BYTES, signal });
    hop = nextHop(hop, { target, location: response.headers.location ?? "" });
  }
  throw new Error(`stopped after ${MAX_REQUESTS} redirects`);
}

interface Hop {
  readonly url: URL;
  /** Undefined: that of `url`. */
  readonly path: string | undefined;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

function firstHop({ action, host, port, userAgent }: HttpGet): Hop {
  const path = formatRequestUri(action.path);
  if (path === undefined) throw new Error(`the path ${action.path} leads to no host`);
  const address = formatHostPort(host, port);
  const headers = { Host: [address], ...formatHttpHeaders(action, { userAgent }) };
  return { url: new URL(`${action.scheme.toLowerCase()}://${address}${path}`), path, headers };
}

/** A Host header stays where a redirect names no host. Source: Go net/http Client.do. */
function nextHop({ headers }: Hop, to: { readonly target: URL; readonly location: string }): Hop {
  const { Host, ...others } = headers;
  const namesHost = /^([a-z][a-z\d+.-]*:|\/\/)/i.test(to.location);
  return { url: to.target, path: undefined, headers: namesHost ? others : headers };
}

async function open(
  system: Pick<System, "net">,
  request: HttpGet & { readonly hop: Hop; readonly signal: AbortSignal },
): Promise<HttpStream> {
  const { url, path, headers } = request.hop;
  const { agent, signal } = request;
  const tls = { insecure: true, serverName: serverName(url) };
  const target = { url: url.href, ...(path === undefined ? {} : { path }) };
  const ask = (): Promise<HttpStream> =>
    system.net.open({ ...target, headers, tls, agent, signal, lenient: true });
  try {
    return await ask().catch((error: unknown) => {
      if (!STALE_CONNECTION.includes(systemErrorCode(error) ?? "")) throw error;
      return ask();
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** Whom a server is asked as over TLS, whatever the Host header says: none for an address. Source: Go crypto/tls hostnameInSNI. */
function serverName({ hostname }: URL): string {
  const isAddress = hostname.startsWith("[") || parseIpAddress(hostname) !== undefined;
  return isAddress ? "" : hostname.replace(/\.+$/, "");
}

/** A body that is longer costs the connection. Never rejects. */
async function readStart(
  { stream }: HttpStream,
  limit: { readonly sizeBytes: number; readonly signal: AbortSignal },
): Promise<Pick<HttpAnswer, "body" | "cutBecause">> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let cutBecause: unknown;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= limit.sizeBytes) break;
    }
  } catch (error) {
    cutBecause = limit.signal.aborted ? limit.signal.reason : error;
  }
  return { body: Buffer.concat(chunks).toString("utf8", 0, limit.sizeBytes), cutBecause };
}

function redirectTarget({ status, headers }: HttpStream, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined;
  const location = Buffer.from(headers.location, "latin1").toString("utf8");
  return URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}
