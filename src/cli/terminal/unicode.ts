/**
 * Whether a terminal shows more than ASCII: its locale is a UTF-8 one, and it is not the kernel's console, whose font
 * has no such signs. Source: POSIX 8.2, LC_ALL before LC_CTYPE before LANG; none is the POSIX locale.
 */
export function showsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return /utf-?8/i.test(locale) && env["TERM"] !== "linux";
}
