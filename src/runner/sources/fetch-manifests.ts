import { decodeText } from "../../core/decode-text.ts";
import type { System } from "../../system/system.ts";
import { unpackBody } from "./unpack-body.ts";

/** For the whole answer, redirects included. Source: kubelet config/http.go NewSourceURL. */
const TIMEOUT_MS = 10_000;
/** Source: kubelet config/common.go maxConfigLength. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** Source: Go net/http defaultCheckRedirect. */
const MAX_REDIRECTS = 10;
/** Not sent to another domain. Source: Go net/http shouldCopyHeaderOnRedirect. */
const SENSITIVE = ["authorization", "www-authenticate", "cookie", "cookie2"];
/** The first that is there holds the roots that the machine trusts. Source: Go crypto/x509 root_linux.go certFiles. */
const ROOT_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The text that a URL answers a GET with, following redirects, trusting what the machine trusts. Rejects with the
 * reason for any status but 200, a cut body, more than 10 MiB, or no answer within ten seconds. No proxy is used.
 * Source: kubelet config/http.go extractFromURL.
 */
export async function fetchManifests(
  system: Pick<System, "fs" | "net" | "clock" | "host">,
  options: {
    readonly url: string;
    readonly headers: Readonly<Record<string, readonly string[]>>;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const deadlineMs = system.clock.monotonicMs() + TIMEOUT_MS;
  let url = new URL(options.url);
  let headers = joinHeaders(options.headers);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await system.net.request({
      url: url.href,
      headers,
      timeoutMs: Math.max(deadlineMs - system.clock.monotonicMs(), 1),
      maxBodyBytes: MAX_BODY_BYTES,
      signal: options.signal,
      lenient: true,
      ...(url.protocol === "https:" ? { tls: await readTrust(system) } : {}),
    });
    if (response.status === 200) return decodeText(await unpackBody(response, { maxBytes: MAX_BODY_BYTES }));
    const next = selectRedirect(url, response);
    if (next === undefined) throw new Error(`it answers with status ${response.status}`);
    if (!isSameDomain(next, url)) headers = withoutSensitive(headers);
    url = next;
  }
  throw new Error(`it redirects more than ${MAX_REDIRECTS} times`);
}

function selectRedirect(
  from: URL,
  response: { readonly status: number; readonly headers: { readonly location?: string | undefined } },
): URL | undefined {
  const { location } = response.headers;
  if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return undefined;
  const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  return next !== undefined && /^https?:$/.test(next.protocol) ? next : undefined;
}

async function readTrust(system: Pick<System, "fs" | "host">): Promise<{ readonly ca?: string }> {
  const named = system.host.env["SSL_CERT_FILE"];
  for (const path of named === undefined || named === "" ? ROOT_FILES : [named]) {
    const ca = await system.fs.readTextIfExists(path);
    if (ca !== undefined) return { ca };
  }
  return {};
}

function joinHeaders(headers: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  const joined = Object.entries(headers).map(([name, values]) => [name, values.join(", ")] as const);
  return { "accept-encoding": "gzip", ...Object.fromEntries(joined) };
}

function withoutSensitive(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !SENSITIVE.includes(name.toLowerCase())),
  );
}

function isSameDomain(next: URL, from: URL): boolean {
  return next.hostname === from.hostname || next.hostname.endsWith(`.${from.hostname}`);
}
