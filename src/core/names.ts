const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-))*$/;

/** At most 63 lower-case letters, digits and dashes. Source: apimachinery validation IsDNS1123Label. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** At most 253 characters, DNS labels with dots between. Source: apimachinery validation IsDNS1123Subdomain. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

/** A key of a label or an annotation: `name` or `domain/name`. Source: apimachinery validation IsQualifiedName. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  const prefixIsFine = parts.length === 1 || (parts.length === 2 && isDnsSubdomain(parts[0] ?? ""));
  return prefixIsFine && name.length <= 63 && QUALIFIED_NAME.test(name);
}

/** Source: apimachinery validation IsValidLabelValue. */
export function isLabelValue(text: string): boolean {
  return text.length <= 63 && LABEL_VALUE.test(text);
}

/** At most 15 characters with a letter among them. Source: apimachinery validation IsValidPortName. */
export function isPortName(text: string): boolean {
  return text.length <= 15 && PORT_NAME.test(text) && !text.endsWith("-");
}
