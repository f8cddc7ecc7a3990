import { systemErrorCode } from "../../core/errors.ts";
import { formatHostPort } from "../../core/host-port.ts";
import type { HttpGetAction } from "../../pod/types.ts";
import type { HttpAgent, HttpStream } from "../../system/net.ts";
import type { System } from "../../system/system.ts";

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
  let url = firstUrl(request);
  for (let asked = 1; asked <= MAX_REQUESTS; asked += 1) {
    const response = await open(system, { ...request, url });
    const target = redirectTarget(response, url);
    if (target === undefined || target.hostname !== new URL(url).hostname) {
      const read = await readStart(response, { sizeBytes: MAX_BODY_BYTES, signal });
      return { status: response.status, ...read, leftTo: target?.host };
    }
    if (Number(response.headers["content-length"] ?? 0) > MAX_SKIPPED_BYTES) response.stream.destroy();
    else await readStart(response, { sizeBytes: MAX_SKIPPED_BYTES, signal });
    url = target.href;
  }
  throw new Error(`stopped after ${MAX_REQUESTS} redirects`);
}

function firstUrl({ action, host, port }: HttpGet): string {
  const path = action.path.startsWith("/") ? action.path : `/${action.path}`;
  return `${action.scheme.toLowerCase()}://${formatHostPort(host, port)}${path}`;
}

async function open(
  system: Pick<System, "net">,
  request: HttpGet & { readonly url: string; readonly signal: AbortSignal },
): Promise<HttpStream> {
  const { url, agent, signal } = request;
  const headers = requestHeaders(request);
  const ask = (): Promise<HttpStream> =>
    system.net.open({ url, headers, tls: { insecure: true }, agent, signal, lenient: true });
  try {
    return await ask().catch((error: unknown) => {
      if (!STALE_CONNECTION.includes(systemErrorCode(error) ?? "")) throw error;
      return ask();
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

function requestHeaders({ action, userAgent }: HttpGet): Record<string, string> {
  const headers = new Map([
    ["user-agent", userAgent],
    ["accept", "*/*"],
  ]);
  for (const { name, value } of action.httpHeaders ?? []) {
    if (value === "") headers.delete(name.toLowerCase());
    else headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
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

function redirectTarget({ status, headers }: HttpStream, url: string): URL | undefined {
  const { location } = headers;
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  return isRedirect && location !== undefined && URL.canParse(location, url)
    ? new URL(location, url)
    : undefined;
}
