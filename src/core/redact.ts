const PEM_KEY = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g;
const BOOTSTRAP_TOKEN = /\b([a-z0-9]{6})\.[a-z0-9]{16}\b/g;
const JWT = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g;
const KUBECONFIG_DATA =
  /\b((?:client-key-data|client-certificate-data|token|password)["']?\s*[:=]\s*["']?)[^\s"',}]+/g;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"']{0,100}:)[^\s/@"']{1,200}(?=@)/gi;
const AUTH_HEADER = /\b((?:Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{8,}/g;

/**
 * The text with every secret that we know the shape of replaced by `<hidden>`: keys, tokens, kubeconfig data, URLs'
 * passwords.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(PEM_KEY, "-----BEGIN $1-----<hidden>-----END $1-----")
    .replace(JWT, "<hidden>")
    .replace(BOOTSTRAP_TOKEN, "$1.<hidden>")
    .replace(KUBECONFIG_DATA, "$1<hidden>")
    .replace(AUTH_HEADER, "$1<hidden>")
    .replace(URL_PASSWORD, "$1<hidden>");
}

/** A URL without the password it may hold. Source: Go net/url URL.Redacted. */
export function redactUrl(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password === "") return text;
  url.password = "xxxxx";
  return url.href;
}

/** The text with these very strings replaced by `<hidden>`, whatever they look like. */
export function redactKnown(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hidden.replaceAll(secret, "<hidden>"), text);
}
