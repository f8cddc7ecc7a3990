import type { HttpStream } from "../../system/net.ts";
import type { System } from "../../system/system.ts";
import { describeDownloadFailure } from "./download-failure.ts";

/** GitHub needs one, dl.k8s.io one or two. */
const MAX_REDIRECTS = 5;

/** A server that does not begin to answer in this time is tried again. */
const HEAD_TIMEOUT_MS = 30_000;

/**
 * Opens a URL, following redirects; never from https to http. Raises SLIPWAY_DOWNLOAD_FAILED for redirects that lead
 * nowhere; rejects with the system error when there is no connection. The caller ends the stream.
 */
export async function openFollowing(
  system: System,
  request: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<HttpStream> {
  let { url } = request;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await system.net.open({
      url,
      headers: { "user-agent": "slipway", "accept-encoding": "identity", ...request.headers },
      timeoutMs: request.timeoutMs ?? HEAD_TIMEOUT_MS,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const { location } = response.headers;
    if (response.status < 300 || response.status > 399 || location === undefined) return response;
    response.stream.destroy();
    const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
    const downgraded = next?.protocol !== "https:" && url.startsWith("https:");
    if (next === undefined || downgraded || !/^https?:$/.test(next.protocol))
      throw describeDownloadFailure(system, { url: request.url, why: `it redirects to ${location}` });
    url = next.href;
  }
  throw describeDownloadFailure(system, {
    url: request.url,
    why: `it redirects more than ${MAX_REDIRECTS} times`,
  });
}
