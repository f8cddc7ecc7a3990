import { dirname, join } from "node:path";
import type { Container, Pod } from "../../pod/types.ts";
import type { ContainerMount } from "../../runtime/isolation.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import type { KubeletConfiguration } from "../types.ts";

/** A file of the machine that a pod sees in its own version. */
interface NetworkFile {
  readonly path: string;
  /** In the pod's directory. */
  readonly name: string;
  readonly build: (pod: Pod, own: string, dns: ClusterDns) => string;
  readonly isWanted: (pod: Pod, dns: ClusterDns) => boolean;
}

/** What a runner is told of the cluster's DNS; no servers: nothing. */
export type ClusterDns = Pick<KubeletConfiguration, "clusterDNS" | "clusterDomain">;

/** Source: kubelet_pods.go ensureHostsFile (name), kuberuntime sandbox resolv.conf (ours: its name). */
const FILES: readonly NetworkFile[] = [
  {
    path: "/etc/hosts",
    name: "etc-hosts",
    build: buildHosts,
    isWanted: ({ spec }) => (spec.hostAliases ?? []).length > 0,
  },
  {
    path: "/etc/resolv.conf",
    name: "resolv.conf",
    build: buildResolvConf,
    isWanted: (pod, dns) => pod.spec.dnsConfig !== undefined || asksCluster(pod, dns),
  },
];

/**
 * Writes the versions of /etc/hosts and /etc/resolv.conf that a pod asks for with hostAliases, dnsPolicy and dnsConfig,
 * and gives the mounts that show them; none when the machine's own will do, or the container mounts something there
 * itself.
 */
export async function prepareNetworkFiles(
  system: Pick<System, "fs">,
  options: {
    readonly pod: Pod;
    readonly container: Container;
    readonly podsDir: string;
    readonly dns: ClusterDns;
  },
): Promise<readonly ContainerMount[]> {
  const { pod, container, podsDir, dns } = options;
  const mounts: ContainerMount[] = [];
  for (const file of FILES) {
    const isTaken = container.volumeMounts?.some(({ mountPath }) => mountPath === file.path) === true;
    if (isTaken || !file.isWanted(pod, dns)) continue;
    const hostPath = join(podsDir, pod.metadata.uid, file.name);
    const own = (await system.fs.readTextIfExists(file.path)) ?? "";
    await makeDirs(system, { path: dirname(hostPath), mode: 0o750 });
    await system.fs.writeAtomic(hostPath, { data: file.build(pod, own, dns), mode: 0o644, durable: false });
    mounts.push({ hostPath, containerPath: file.path, readOnly: false, propagation: "private" });
  }
  return mounts;
}

/** Source: kubelet_pods.go nodeHostsFileContent, hostsEntriesFromHostAliases. */
export function buildHosts(pod: Pod, own: string): string {
  const aliases = (pod.spec.hostAliases ?? []).map(
    ({ ip, hostnames = [] }) => `${ip}\t${hostnames.join("\t")}\n`,
  );
  return `# Kubernetes-managed hosts file (host network).\n${own}\n# Entries added by HostAliases.\n${aliases.join("")}`;
}

/**
 * The machine's own settings, none with dnsPolicy None, or the cluster's, and the pod's. Source: kubelet
 * network/dns/dns.go GetPodDNS.
 */
export function buildResolvConf(pod: Pod, own: string, dns: ClusterDns): string {
  const { dnsConfig = {}, dnsPolicy } = pod.spec;
  const machine = parseResolvConf(dnsPolicy === "None" ? "" : own);
  const base = asksCluster(pod, dns) ? describeCluster(pod, { ...dns, machine }) : machine;
  const options = new Map(base.options.map((option) => [option.split(":")[0], option]));
  for (const { name = "", value } of dnsConfig.options ?? [])
    options.set(name, value === undefined || value === "" ? name : `${name}:${value}`);
  const nameservers = unique([...base.nameservers, ...(dnsConfig.nameservers ?? [])]).slice(0, 3);
  const searches = unique([...base.searches, ...(dnsConfig.searches ?? [])]).slice(0, 32);
  const lines = [
    ...(searches.length === 0 ? [] : [`search ${searches.join(" ")}`]),
    ...nameservers.map((address) => `nameserver ${address}`),
    ...(options.size === 0 ? [] : [`options ${[...options.values()].join(" ")}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A plain ClusterFirst is the machine's own on the machine's network, where every pod is. Source: dns.go getPodDNSType. */
function asksCluster({ spec }: Pod, { clusterDNS }: ClusterDns): boolean {
  return spec.dnsPolicy === "ClusterFirstWithHostNet" && clusterDNS.length > 0;
}

/** Source: dns.go generateSearchesForDNSClusterFirst, defaultDNSOptions. */
function describeCluster(
  { metadata }: Pod,
  { clusterDNS, clusterDomain: domain, machine }: ClusterDns & { readonly machine: Settings },
): Settings {
  const own = domain === "" ? [] : [`${metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
  return { nameservers: clusterDNS, searches: [...own, ...machine.searches], options: ["ndots:5"] };
}

interface Settings {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Source: resolv.conf(5): the last search or domain line counts, options add up. */
function parseResolvConf(text: string): Settings {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const valuesOf = (...words: string[]): readonly (readonly string[])[] =>
    lines.filter(([word = ""]) => words.includes(word)).map(([, ...values]) => values);
  return {
    nameservers: valuesOf("nameserver").flatMap(([address]) => address ?? []),
    searches: valuesOf("search", "domain").at(-1) ?? [],
    options: valuesOf("options").flat(),
  };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
