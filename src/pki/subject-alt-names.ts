import type { InitConfig } from "../config/types.ts";
import { canonicalAddress, nthAddress, parseCidr } from "../core/cidr.ts";
import { parseHostPort } from "../core/host-port.ts";
import type { SubjectAltNames } from "./certificate-spec.ts";

/** The names of the API server. Source: kubeadm app/util/pkiutil GetAPIServerAltNames. */
export function buildApiServerNames(config: InitConfig): SubjectAltNames {
  const { cluster } = config;
  return sortNames([
    config.nodeName,
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${cluster.dnsDomain}`,
    serviceAddress(cluster.serviceSubnet),
    config.advertiseAddress,
    ...(cluster.controlPlaneEndpoint === "" ? [] : [endpointHost(cluster.controlPlaneEndpoint)]),
    ...cluster.apiServer.certSANs,
  ]);
}

/** The names of etcd, for clients or for peers, with the user's own. Source: kubeadm app/util/pkiutil getAltNames. */
export function buildEtcdNames(config: InitConfig, extraNames: readonly string[]): SubjectAltNames {
  return sortNames([
    config.nodeName,
    "localhost",
    config.advertiseAddress,
    "127.0.0.1",
    "::1",
    ...extraNames,
  ]);
}

/** Source: kubeadm app/util/pkiutil RemoveDuplicateAltNames: DNS names are sorted, addresses keep their order. */
function sortNames(names: readonly string[]): SubjectAltNames {
  const dnsNames = names.filter((name) => canonicalAddress(name) === undefined);
  const ipAddresses = names.map(canonicalAddress).filter((address) => address !== undefined);
  return { dnsNames: [...new Set(dnsNames)].sort(), ipAddresses: [...new Set(ipAddresses)] };
}

/** Where Pods reach the API server. Source: kubeadm app/constants GetAPIServerVirtualIP. */
function serviceAddress(serviceSubnet: string): string {
  const cidr = parseCidr(serviceSubnet.split(",")[0] ?? "");
  const address = cidr && nthAddress(cidr, 1);
  if (address === undefined) throw new Error(`unchecked service subnet: ${serviceSubnet}`);
  return address;
}

function endpointHost(endpoint: string): string {
  const parts = parseHostPort(endpoint);
  if (parts === undefined) throw new Error(`unchecked control plane endpoint: ${endpoint}`);
  return parts.host;
}
