import type { HttpGetAction } from "../../pod/types.ts";
import { toBytes } from "./format-request-uri.ts";

/** Of the request itself: Go sends none that a manifest names. Source: Go net/http request.go reqWriteExcludeHeader. */
const NOT_SENT = ["Content-Length", "Transfer-Encoding", "Trailer"];

/** Of these the first value is sent, or nothing when it is empty. */
const SINGLE = ["Host", "User-Agent"];

/**
 * The headers of an httpGet as they go out, each character of a value a byte: a name that is given twice goes out twice,
 * an empty value as such. Source: pkg/probe/http/request.go newProbeRequest, Go net/http Request.Write.
 */
export function formatHttpHeaders(
  action: HttpGetAction,
  options: { readonly userAgent: string },
): Record<string, readonly string[]> {
  const headers = new Map<string, readonly string[]>();
  for (const { name, value } of action.httpHeaders ?? []) {
    const key = canonicalName(name);
    if (!NOT_SENT.includes(key)) headers.set(key, [...(headers.get(key) ?? []), toBytes(value)]);
  }
  if (!headers.has("User-Agent")) headers.set("User-Agent", [options.userAgent]);
  if (!headers.has("Accept")) headers.set("Accept", ["*/*"]);
  else if (headers.get("Accept")?.[0] === "") headers.delete("Accept");
  for (const name of SINGLE) {
    const first = headers.get(name)?.[0] ?? "";
    if (first === "") headers.delete(name);
    else headers.set(name, [first]);
  }
  return Object.fromEntries(headers);
}

/** `x-a` is `X-A`. Source: Go net/textproto CanonicalMIMEHeaderKey. */
function canonicalName(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
