import {
  type Cidr,
  canonicalAddress,
  cidrContains,
  cidrsOverlap,
  isLoopback,
  parseCidr,
  parseCidrs,
  parseIpAddress,
} from "../core/cidr.ts";
import type { InterfaceAddress } from "../system/host.ts";
import { errorFinding, type InitCheck, warningFinding } from "./init-check.ts";
import type { Finding } from "./types.ts";

/** etcd listens on the advertise address, and the API server tells it to everybody: the machine must have it. */
export const checkAdvertiseAddress: InitCheck = ({ config, facts }) => {
  const { addresses } = facts.machine;
  if (!lacksAddress(addresses, config.advertiseAddress)) return [];
  const known = addresses.filter(({ internal }) => !internal).map(({ address }) => address);
  return [
    errorFinding("AdvertiseAddress", {
      what: `the advertise address ${config.advertiseAddress} cannot be used`,
      why: "no interface of this machine has it",
      fix: `use --apiserver-advertise-address with one that it has: ${known.join(", ") || "127.0.0.1"}`,
    }),
  ];
};

/** Whether a machine with these addresses has not this one; false where none are known. */
export function lacksAddress(addresses: readonly InterfaceAddress[], text: string): boolean {
  const wanted = canonicalAddress(text);
  // Linux answers to all of 127.0.0.0/8, whatever the interfaces say; to ::1 only where IPv6 is on.
  const isLocal = wanted !== undefined && isLoopback(wanted) && !wanted.includes(":");
  if (addresses.length === 0 || isLocal) return false;
  return addresses.every(({ address }) => canonicalAddress(address) !== wanted);
}

/** Service addresses must not be somebody's real addresses: an error for this machine's own, a warning for networks. */
export const checkServiceSubnet: InitCheck = ({ config, facts }) =>
  (parseCidrs(config.cluster.serviceSubnet) ?? []).flatMap((subnet): readonly Finding[] => {
    const what = `the service network ${config.cluster.serviceSubnet} is in use here`;
    const fix = "choose a network that is not used here: --service-cidr, networking.serviceSubnet";
    const own = facts.machine.addresses.find(({ address }) => holdsAddress(subnet, address));
    if (own !== undefined) {
      const why = `it contains this machine's own address ${own.address} (${own.interfaceName})`;
      return [errorFinding("ServiceCIDR", { what, why, fix })];
    }
    const route = facts.routes.find(({ cidr }) => overlaps(subnet, cidr));
    if (route === undefined) return [];
    const why = `it overlaps ${route.cidr}, which this machine reaches over ${route.interfaceName}: hosts there may become unreachable`;
    return [warningFinding("ServiceCIDR", { what, why, fix })];
  });

/** Source: kubeadm app/preflight HostnameCheck. */
export const checkHostName: InitCheck = ({ config, facts }) => {
  if (facts.hostNameResolves) return [];
  return [
    warningFinding("Hostname", {
      what: `the node name ${config.nodeName} cannot be resolved`,
      why: "it has no address in /etc/hosts or DNS",
      fix: `echo "${config.advertiseAddress} ${config.nodeName}" >> /etc/hosts`,
    }),
  ];
};

function holdsAddress(subnet: Cidr, text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && cidrContains(subnet, address);
}

function overlaps(subnet: Cidr, text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidrsOverlap(subnet, cidr);
}
