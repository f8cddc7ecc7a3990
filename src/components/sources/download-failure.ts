import { messageOf, SlipwayError, systemErrorCode } from "../../core/errors.ts";
import type { System } from "../../system/system.ts";

const OTHER_WAYS =
  "name a mirror (--component-mirror URL), bring the programs (--component-dir DIR), or build them (--components go)";

/** SLIPWAY_DOWNLOAD_FAILED for a URL. A proxy in the environment is named, for none is used. */
export function describeDownloadFailure(
  system: System,
  failure: { readonly url: string; readonly why: string; readonly cause?: unknown },
): SlipwayError {
  const { env } = system.host;
  const proxy = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find((name) => env[name]);
  return new SlipwayError({
    code: "SLIPWAY_DOWNLOAD_FAILED",
    what: `${withoutLogin(failure.url)} cannot be downloaded`,
    why: proxy === undefined ? failure.why : `${failure.why} (${proxy} is set, but no proxy is used)`,
    fix: `check the network, ${OTHER_WAYS}`,
    cause: failure.cause,
  });
}

/** SLIPWAY_COMPONENT_CORRUPT for what a URL gave. */
export function describeCorruptDownload(failure: {
  readonly url: string;
  readonly why: string;
}): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_COMPONENT_CORRUPT",
    what: `${withoutLogin(failure.url)} is not what its checksum says`,
    why: failure.why,
    fix: `try again; if it stays so do not trust this server: ${OTHER_WAYS}`,
  });
}

/** What a failed connection means. */
export function describeNetworkError(error: unknown): string {
  const code = systemErrorCode(error);
  return NETWORK_CAUSES[code ?? ""] ?? messageOf(error);
}

const NETWORK_CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name cannot be resolved",
  EAI_AGAIN: "no name server answers",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  ETIMEDOUT: "the host does not answer",
  ENETUNREACH: "there is no route to the host",
  EHOSTUNREACH: "there is no route to the host",
  CERT_HAS_EXPIRED: "the server's certificate has expired, or the clock of this machine is wrong",
};

/** A mirror's URL may hold a user and a password. */
function withoutLogin(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, "$1");
}
