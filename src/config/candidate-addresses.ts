import { cidrContains, parseCidr, parseIpAddress } from "../core/cidr.ts";
import type { InterfaceAddress } from "../system/host.ts";

/** What a machine shows of its addresses. */
export interface AddressFacts {
  readonly addresses: readonly InterfaceAddress[];
  /** Interfaces that carry a default route. */
  readonly defaultRouteInterfaces: readonly string[];
}

/** Networks whose addresses are of no use to other machines. Source: Go net.IP IsGlobalUnicast. */
const LOCAL_NETWORKS = ["127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8"];

/**
 * The addresses that the API server could be advertised at, the likeliest first: those of an interface with a default
 * route before others, IPv4 before IPv6.
 */
export function candidateAddresses(facts: AddressFacts): readonly InterfaceAddress[] {
  const rank = (entry: InterfaceAddress): number =>
    (facts.defaultRouteInterfaces.includes(entry.interfaceName) ? 0 : 2) + (entry.family === "IPv4" ? 0 : 1);
  return facts.addresses.filter(isGlobal).sort((left, right) => rank(left) - rank(right));
}

/**
 * The one address to advertise: the only global one, or kubeadm's choice, the first of the only interface with a
 * default route. Of the family of the services when there is one, for the API server wants that. Otherwise undefined,
 * and there may be several candidates.
 * Source: apimachinery util/net ChooseHostInterface.
 */
export function selectAddress(
  facts: AddressFacts,
  options: { readonly family: "IPv4" | "IPv6" },
): string | undefined {
  const all = candidateAddresses(facts);
  const routed = all.filter((entry) => facts.defaultRouteInterfaces.includes(entry.interfaceName));
  const likely = routed.length > 0 ? routed : all;
  const fitting = likely.filter((entry) => entry.family === options.family);
  const [first, ...others] = fitting.length > 0 ? fitting : likely;
  const sameInterface = others.every((entry) => entry.interfaceName === first?.interfaceName);
  return others.length === 0 || (routed.length > 0 && sameInterface) ? first?.address : undefined;
}

function isGlobal(entry: InterfaceAddress): boolean {
  const address = parseIpAddress(entry.address);
  if (entry.internal || address === undefined) return false;
  return !LOCAL_NETWORKS.some((network) => {
    const cidr = parseCidr(network);
    return cidr !== undefined && cidrContains(cidr, address);
  });
}
