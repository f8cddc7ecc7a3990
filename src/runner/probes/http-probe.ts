import { parseFailedChecks } from "../../api/wait-for-path.ts";
import { toTimerMs } from "../../core/duration.ts";
import { messageOf, systemErrorCode } from "../../core/errors.ts";
import { formatHostPort } from "../../core/host-port.ts";
import type { HttpGetAction } from "../../pod/types.ts";
import type { HttpAgent, HttpStream } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import type { ProbeOutcome } from "./apply-probe-result.ts";

/** An HTTP probe with everything looked up. */
export interface HttpProbe {
  readonly action: HttpGetAction;
  readonly host: string;
  readonly port: number;
  /** Undefined: none. */
  readonly timeoutMs: number | undefined;
  readonly userAgent: string;
  readonly agent: HttpAgent;
  readonly signal: AbortSignal;
}

/** Source: pkg/probe/http/http.go (maxRespBodyLength, net/http's ten redirects). */
const MAX_BODY_BYTES = 10 * 1024;
const MAX_REDIRECTS = 10;

/** Of an answer that lists no checks; ours: enough for a sentence. */
const MAX_QUOTED = 200;

/** What a request over a kept connection fails with when the other side has closed it meanwhile. */
const STALE_CONNECTION = ["ECONNRESET", "EPIPE"];

/** GET; a status of 200 to 399 is a success. Source: pkg/probe/http/http.go, request.go. */
export async function runHttpProbe(system: Pick<System, "net">, probe: HttpProbe): Promise<ProbeOutcome> {
  try {
    const { answer, leftTo } = await requestHttp(system, probe);
    if (leftTo === undefined) return judge(answer);
    return { kind: "success", warning: `Probe terminated redirects: the server points to ${leftTo}` };
  } catch (error) {
    return { kind: "failure", message: messageOf(error) };
  }
}

/**
 * The answer to a GET, whatever its status. The certificate is not checked. A redirect is followed within the host; for
 * one that leaves it `leftTo` is the other host. Rejects when there is no answer.
 */
export async function requestHttp(
  system: Pick<System, "net">,
  probe: HttpProbe,
): Promise<{ readonly answer: Answer; readonly leftTo: string | undefined }> {
  const scheme = probe.action.scheme.toLowerCase();
  const path = probe.action.path.startsWith("/") ? probe.action.path : `/${probe.action.path}`;
  let url = `${scheme}://${formatHostPort(probe.host, probe.port)}${path}`;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await get(system, { probe, url });
    const target = redirectTarget(answer, url);
    if (target === undefined) return { answer, leftTo: undefined };
    if (target.hostname !== new URL(url).hostname) return { answer, leftTo: target.host };
    url = target.href;
  }
  throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

async function get(
  system: Pick<System, "net">,
  request: { readonly probe: HttpProbe; readonly url: string },
): Promise<Answer> {
  try {
    return await exchange(system, request);
  } catch (error) {
    if (!STALE_CONNECTION.includes(systemErrorCode(error) ?? "")) throw error;
    return await exchange(system, request);
  }
}

async function exchange(
  system: Pick<System, "net">,
  request: { readonly probe: HttpProbe; readonly url: string },
): Promise<Answer> {
  const { probe, url } = request;
  const response = await system.net.open({
    url,
    headers: requestHeaders(probe),
    tls: { insecure: true },
    ...(probe.timeoutMs === undefined ? {} : { timeoutMs: probe.timeoutMs }),
    agent: probe.agent,
    signal: probe.signal,
  });
  return {
    status: response.status,
    location: response.headers.location,
    body: await readStart(response, probe.timeoutMs),
  };
}

function requestHeaders(probe: HttpProbe): Record<string, string> {
  const headers = new Map([
    ["user-agent", probe.userAgent],
    ["accept", "*/*"],
  ]);
  for (const { name, value } of probe.action.httpHeaders ?? []) {
    if (value === "") headers.delete(name.toLowerCase());
    else headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
}

/** The first 10 KiB; a longer or slower body costs the connection, not the probe. */
async function readStart(response: HttpStream, timeoutMs = 0): Promise<string> {
  const { stream } = response;
  stream.setTimeout(toTimerMs(timeoutMs), () => stream.destroy(new Error(`no body within ${timeoutMs} ms`)));
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, MAX_BODY_BYTES);
}

function redirectTarget(answer: Answer, url: string): URL | undefined {
  const { status, location } = answer;
  const isRedirect = [301, 302, 303, 307, 308].includes(status);
  return isRedirect && location !== undefined && URL.canParse(location, url)
    ? new URL(location, url)
    : undefined;
}

function judge(answer: Answer): ProbeOutcome {
  if (answer.status >= 200 && answer.status < 400) return { kind: "success" };
  const failed = parseFailedChecks(answer.body);
  const line = answer.body.trim().split("\n")[0]?.slice(0, MAX_QUOTED) ?? "";
  const body = failed.length > 0 ? `failed checks: ${failed.join(", ")}` : line;
  const said = body === "" ? "" : ` (${body})`;
  return { kind: "failure", message: `HTTP probe failed with statuscode: ${answer.status}${said}` };
}
