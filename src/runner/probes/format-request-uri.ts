/**
 * What a GET of an httpGet's path asks for, each character a byte; undefined for a path such as `a:b`, which makes a URL
 * without a host. Nothing is normalised: dots stay, what is no URL is escaped whole, a host before the path is dropped.
 * Source: pkg/probe/http/request.go formatURL, Go net/url Parse, EscapedPath and RequestURI.
 */
export function formatRequestUri(path: string): string | undefined {
  const text = toBytes(path);
  const parsed = parseReference(text);
  if (parsed === "invalid") return withSlash(escapePath(text));
  if (parsed === "opaque") return undefined;
  const { path: given, query } = parsed;
  return `${withSlash(VALID_PATH.test(given) ? given : escapePath(unescapePath(given)))}${query}`;
}

/** The UTF-8 bytes of a text, a character each, as Node sends them. */
export function toBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** A path that goes out as it was given. Source: Go net/url validEncoded. */
const VALID_PATH = /^[\w.~!$&'()*+,;=:@[\]%/-]*$/;
const BAD_ESCAPE = /%(?![\da-f]{2})/i;
const CONTROL_CHARACTER = /[^ -~\u0080-\u00ff]/;
const FIRST_SEGMENT_WITH_COLON = /^[^/]*:/;

/** Source: Go net/url parseAuthority, parseHost. */
const USER = /(?:[\w.~!$&'()*+,;=:@-]|%[\da-f]{2})*@/.source;
const NAME = /(?:[\w.~!$&'()*+,;=<>"\u0080-\u00ff-]|%[89a-f][\da-f])/.source;
const IPV6 = /\[[\da-f:.]+\]/.source;
const AUTHORITY = new RegExp(`^(?:${USER})?(?:${NAME}*|(?:${NAME}|:)*:\\d*|${IPV6}(?::\\d*)?)$`, "i");

function parseReference(
  text: string,
): "invalid" | "opaque" | { readonly path: string; readonly query: string } {
  const [, reference = "", fragment = ""] = /^([^#]*)(.*)$/s.exec(text) ?? [];
  if (CONTROL_CHARACTER.test(reference) || BAD_ESCAPE.test(fragment)) return "invalid";
  const match = /^(?:([a-z][a-z\d+.-]*):)?([^?]*)(.*)$/is.exec(reference);
  const [, scheme, rest = "", query = ""] = match ?? [];
  if (scheme === undefined && FIRST_SEGMENT_WITH_COLON.test(rest)) return "invalid";
  if (scheme !== undefined && rest !== "" && !rest.startsWith("/")) return "opaque";
  const hasAuthority = rest.startsWith("//") && (scheme !== undefined || !rest.startsWith("///"));
  const authority = hasAuthority ? (/^\/\/[^/]*/.exec(rest)?.[0] ?? "") : "";
  const path = rest.slice(authority.length);
  const isValid = AUTHORITY.test(authority.slice(2)) && !BAD_ESCAPE.test(path);
  return isValid ? { path, query } : "invalid";
}

/** Source: Go net/url shouldEscape, of a path. */
function escapePath(path: string): string {
  const hex = (byte: string): string => byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
  return path.replace(/[^\w.~$&+,/:;=@-]/g, (byte) => `%${hex(byte)}`);
}

function unescapePath(path: string): string {
  return path.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function withSlash(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
