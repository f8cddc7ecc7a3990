import type { System } from "../system/system.ts";

/** Our own bound on asking the DNS servers: a missing answer is only a warning. */
const DNS_TIMEOUT_MS = 1000;

/**
 * Whether a name has an address in /etc/hosts or in DNS (with the search domains of /etc/resolv.conf). Asks no
 * server when the machine has no default route. Takes at most a second.
 */
export async function resolvesHostName(
  system: System,
  options: { readonly name: string; readonly hasDefaultRoute: boolean },
): Promise<boolean> {
  const { name, hasDefaultRoute } = options;
  const hosts = (await system.fs.readTextIfExists("/etc/hosts")) ?? "";
  if (name === "localhost" || isInHostsFile(hosts, name)) return true;
  if (!hasDefaultRoute) return false;
  const domains = parseSearchDomains((await system.fs.readTextIfExists("/etc/resolv.conf")) ?? "");
  const answers = await Promise.all(
    [name, ...domains.map((domain) => `${name}.${domain}`)].map((candidate) =>
      system.net.resolveName(candidate, { timeoutMs: DNS_TIMEOUT_MS }),
    ),
  );
  return answers.some((addresses) => addresses.length > 0);
}

function isInHostsFile(text: string, name: string): boolean {
  return text.split("\n").some((line) => {
    const [, ...names] = (line.split("#")[0] ?? "").trim().split(/\s+/);
    return names.some((known) => known.toLowerCase() === name.toLowerCase());
  });
}

function parseSearchDomains(text: string): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [keyword, ...domains] = line.trim().split(/\s+/);
    return keyword === "search" || keyword === "domain" ? domains : [];
  });
}
