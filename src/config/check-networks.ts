import {
  addressBits,
  type Cidr,
  cidrsOverlap,
  countAddresses,
  formatCidr,
  hasHostBits,
  parseCidr,
  parseIpAddress,
} from "../core/cidr.ts";
import { DEFAULTS } from "./defaults.ts";
import { quote } from "./field-rules.ts";
import type { FieldFinding, FieldPath } from "./findings.ts";
import type { ClusterDocument, InitDocument } from "./schema.ts";

/** Source: kubeadm app/constants MinimumAddressesInServiceSubnet, MinimumAddressesInPodSubnet. */
const MIN_SERVICE_ADDRESSES = 10n;
const MIN_POD_ADDRESSES = 14n;

/** Source: kubeadm app/constants MaximumBitsForServiceSubnet, PodSubnetNodeMaskMaxDiff. */
const MAX_SERVICE_HOST_BITS = 20;
const MAX_NODE_MASK_DIFFERENCE = 16;

/** Source: kubeadm validation getClusterNodeMask. */
const NODE_MASKS = {
  IPv4: { argument: "node-cidr-mask-size-ipv4", default: 24 },
  IPv6: { argument: "node-cidr-mask-size-ipv6", default: 64 },
} as const;

/**
 * What is wrong with the service and pod networks, alone and together. Source: kubeadm validation ValidateNetworking.
 * That the two may not overlap, and that the first service network must be of the advertise address's family, are the
 * API server's and a cluster's needs, which kubeadm does not check.
 */
export function checkNetworks(documents: {
  readonly init: InitDocument;
  readonly cluster: ClusterDocument;
}): readonly FieldFinding[] {
  const networking = documents.cluster.networking;
  const serviceText = networking?.serviceSubnet || DEFAULTS.serviceSubnet;
  const service = readNetworks(serviceText);
  const pod = readNetworks(networking?.podSubnet || undefined);
  return [
    ...at(
      ["networking", "serviceSubnet"],
      [
        service.problem,
        ...service.cidrs.map((cidr) => describeServiceProblem(cidr)),
        describeFamilyProblem(service.cidrs[0], documents.init),
      ],
    ),
    ...at(
      ["networking", "podSubnet"],
      [
        pod.problem,
        ...pod.cidrs.map((cidr) => describePodProblem(cidr, documents.cluster)),
        ...pod.cidrs.map((cidr) => describeOverlap(cidr, service.cidrs)),
      ],
    ),
  ];
}

function at(path: FieldPath, problems: readonly (string | undefined)[]): readonly FieldFinding[] {
  const message = problems.find((problem) => problem !== undefined);
  return message === undefined ? [] : [{ kind: "ClusterConfiguration", path, message }];
}

interface Network extends Cidr {
  /** As it is written; where bits are set behind the network's own, with what it comes to. */
  readonly name: string;
}

function readNetworks(text: string | undefined): {
  readonly cidrs: readonly Network[];
  readonly problem?: string;
} {
  if (text === undefined) return { cidrs: [] };
  const parts = text.split(",");
  const cidrs = parts.flatMap((part) => readNetwork(part) ?? []);
  if (cidrs.length < parts.length)
    return { cidrs: [], problem: `${quote(text)} is not a network; write it like 10.244.0.0/16` };
  const families = new Set(cidrs.map((cidr) => cidr.family));
  if (families.size === cidrs.length) return { cidrs };
  return { cidrs: [], problem: `${quote(text)} must be one network, or one of IPv4 and one of IPv6` };
}

function readNetwork(text: string): Network | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return undefined;
  return { ...cidr, name: hasHostBits(text) ? `${text} (that is ${formatCidr(cidr)})` : formatCidr(cidr) };
}

function describeServiceProblem(cidr: Network): string | undefined {
  const bits = addressBits(cidr.family);
  if (countAddresses(cidr) < MIN_SERVICE_ADDRESSES) return describeTooSmall(cidr, MIN_SERVICE_ADDRESSES);
  if (bits - cidr.prefixLength <= MAX_SERVICE_HOST_BITS) return undefined;
  return `${cidr.name} is too large for services; the prefix length must be at least /${bits - MAX_SERVICE_HOST_BITS}`;
}

function describeTooSmall(cidr: Network, minimum: bigint): string {
  return `${cidr.name} is too small: it has ${countAddresses(cidr)} addresses, and ${minimum} are needed`;
}

function describeFamilyProblem(service: Network | undefined, init: InitDocument): string | undefined {
  const address = parseIpAddress(init.localAPIEndpoint?.advertiseAddress || "");
  if (service === undefined || address === undefined || address.value === 0n) return undefined;
  if (service.family === address.family) return undefined;
  return `the first network, ${service.name}, must be of the advertise address's family, ${address.family}`;
}

function describePodProblem(cidr: Network, cluster: ClusterDocument): string | undefined {
  if (countAddresses(cidr) < MIN_POD_ADDRESSES) return describeTooSmall(cidr, MIN_POD_ADDRESSES);
  const argument = (name: string): string | undefined =>
    cluster.controllerManager?.extraArgs?.findLast((arg) => arg.name === name)?.value ?? undefined;
  if (argument("allocate-node-cidrs") === "false") return undefined;
  const { argument: maskName, default: defaultMask } = NODE_MASKS[cidr.family];
  const maskText = argument(maskName) || String(defaultMask);
  const mask = Number(maskText);
  if (!/^\d+$/.test(maskText))
    return `the controller manager's ${maskName} is ${quote(maskText)}, not a number`;
  if (cidr.prefixLength > mask) {
    return `${cidr.name} is smaller than one node's share of it, a /${mask}; make it larger or set the controller manager's ${maskName}`;
  }
  if (mask - cidr.prefixLength <= MAX_NODE_MASK_DIFFERENCE) return undefined;
  return `${cidr.name} is too large for shares of /${mask} a node: the two may differ by ${MAX_NODE_MASK_DIFFERENCE} at most`;
}

function describeOverlap(pod: Network, services: readonly Network[]): string | undefined {
  const other = services.find((service) => cidrsOverlap(pod, service));
  return other && `${pod.name} overlaps with the service network ${other.name}`;
}
