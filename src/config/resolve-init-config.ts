import { canonicalAddress, parseCidrs } from "../core/cidr.ts";
import { SlipwayError } from "../core/errors.ts";
import { underRoot } from "../core/paths.ts";
import { applyProfile } from "./apply-profile.ts";
import { type AddressFacts, candidateAddresses, selectAddress } from "./candidate-addresses.ts";
import { DEFAULT_TAINT } from "./defaults.ts";
import { RULES } from "./field-rules.ts";
import type {
  Account,
  AuthorityName,
  ClusterSettings,
  ExternalEtcd,
  InitConfig,
  RequestedConfig,
} from "./types.ts";

const LOOPBACK = { IPv4: "127.0.0.1", IPv6: "::1" } as const;

/**
 * The configuration with the machine's facts filled in and the cluster's paths moved under the root. The users' own
 * extraVolumes are not moved. Without any global address the loopback one is taken, with a warning.
 * Raises SLIPWAY_ADDRESS_AMBIGUOUS when several addresses are as good, SLIPWAY_CONFIG_INVALID when the host name can
 * not be the node's.
 */
export function resolveInitConfig(
  input: {
    readonly requested: RequestedConfig;
    /** `/` or an absolute directory. */
    readonly root: string;
    readonly hostName: string;
    /** Given by `findExternalAuthorities` of the certificates directory. */
    readonly externalAuthorities?: readonly AuthorityName[];
    /** Who would run the control plane; an ordinary user can start nothing as another. */
    readonly uid?: number;
    /** The machine's account named etcd. */
    readonly etcdAccount?: Account | undefined;
  } & AddressFacts,
): { readonly config: InitConfig; readonly warnings: readonly string[] } {
  const { requested, root } = input;
  const family = parseCidrs(requested.cluster.serviceSubnet)?.[0]?.family ?? "IPv4";
  const loopback = LOOPBACK[family];
  const chosen = requested.advertiseAddress ?? chooseAddress(input, { family });
  const config: InitConfig = {
    ...requested,
    root,
    advertiseAddress: chosen ?? loopback,
    nodeName: requested.nodeName ?? readNodeName(input.hostName),
    taints: requested.taints ?? [DEFAULT_TAINT],
    cluster: moveUnderRoot(requested.cluster, root),
    externalAuthorities: input.externalAuthorities ?? [],
    etcdAccount: requested.profile === "cis" && input.uid === 0 ? input.etcdAccount : undefined,
  };
  return {
    config: applyProfile(config),
    warnings: chosen === undefined ? [describeNoAddress(loopback)] : [],
  };
}

function describeNoAddress(loopback: string): string {
  return `the machine has no address that others could reach, so the API server is advertised at ${loopback}; only this machine can use the cluster (--apiserver-advertise-address names another)`;
}

function chooseAddress(
  facts: AddressFacts,
  options: { readonly family: "IPv4" | "IPv6" },
): string | undefined {
  const candidates = candidateAddresses(facts);
  if (candidates.length === 0) return undefined;
  const address = selectAddress(facts, options);
  if (address !== undefined) return canonicalAddress(address);
  throw new SlipwayError({
    code: "SLIPWAY_ADDRESS_AMBIGUOUS",
    what: "the address to advertise the API server at is not clear",
    why: `the machine has ${candidates.length} addresses that are as good, and no default route settles it`,
    fix: `choose one: --apiserver-advertise-address=${candidates[0]?.address}`,
    details: candidates.map((entry) => `${entry.address} (${entry.interfaceName})`),
  });
}

/** Source: kubeadm app/util GetHostname: blanks cut off, lower case. */
function readNodeName(hostName: string): string {
  const name = hostName.trim().toLowerCase();
  const problem = RULES.dnsSubdomain(name);
  if (problem === undefined) return name;
  throw new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what: "the machine's host name cannot be the node's name",
    why: problem,
    fix: "name the node: --node-name=NAME",
  });
}

function moveUnderRoot(cluster: ClusterSettings, root: string): ClusterSettings {
  const external = cluster.externalEtcd;
  return {
    ...cluster,
    certificatesDir: underRoot(root, cluster.certificatesDir),
    ...(external === undefined ? {} : { externalEtcd: moveFiles(external, root) }),
    etcd: { ...cluster.etcd, dataDir: underRoot(root, cluster.etcd.dataDir) },
  };
}

function moveFiles(external: ExternalEtcd, root: string): ExternalEtcd {
  const move = (path: string): string => (path === "" ? "" : underRoot(root, path));
  const { caFile, certFile, keyFile } = external;
  return { ...external, caFile: move(caFile), certFile: move(certFile), keyFile: move(keyFile) };
}
