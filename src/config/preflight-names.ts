import { selectNearest } from "../core/nearest.ts";

/** Checks of kubeadm's that are named as they stand. Source: kubeadm app/preflight/checks.go, the Name methods. */
const KUBEADM_NAMES = [
  "ContainerRuntimeVersion",
  "CRI",
  "ExternalEtcdClientCertificates",
  "ExternalEtcdVersion",
  "Firewalld",
  "Hostname",
  "HTTPProxy",
  "HTTPProxyCIDR",
  "ImagePull",
  "IsPrivilegedUser",
  "KubeletVersion",
  "KubernetesVersion",
  "Mem",
  "NumCPU",
  "Swap",
  "SystemVerification",
];

/** Checks that kubeadm has not. */
const OWN_NAMES = [
  "AdvertiseAddress",
  "CAKey",
  "Cgroups",
  "Clock",
  "DNSDomainChange",
  "Encryption",
  "EtcdAccount",
  "FreeMemory",
  "FreeSpace",
  "Inotify",
  "KubernetesVersionChange",
  "NodeNameChange",
  "NodePods",
  "OomScoreAdj",
  "OpenFiles",
  "OtherRunner",
  "PodCIDRChange",
  "ServiceCIDR",
  "ServiceCIDRChange",
  "StaticPodPath",
  "Writable",
];

/** Every check that is named as it stands. */
export const CHECK_NAMES: readonly string[] = [...KUBEADM_NAMES, ...OWN_NAMES];

/** What comes before the port, path or service that a check is about. */
const PREFIXES = ["DirAvailable", "FileAvailable", "FileContent", "FileExisting", "Port", "Service"];

/**
 * What is wrong with the name of a preflight check to ignore; undefined for one that a check of ours or of kubeadm's
 * can have, in any letter case, and for `all`. kubeadm takes any name, so that a misspelt one ignores nothing.
 */
export function describeCheckName(name: string): string | undefined {
  const names = [...CHECK_NAMES, "all"];
  const [prefix = "", ...rest] = name.split("-");
  const isKnown = (known: string, word: string): boolean => known.toLowerCase() === word.toLowerCase();
  if (names.some((known) => isKnown(known, name))) return undefined;
  if (rest.length > 0 && PREFIXES.some((known) => isKnown(known, prefix))) return undefined;
  const nearestPrefix = rest.length > 0 ? selectNearest(prefix, PREFIXES) : undefined;
  const nearest =
    nearestPrefix === undefined ? selectNearest(name, names) : [nearestPrefix, ...rest].join("-");
  const hint =
    nearest === undefined ? "init names a check in [ ] when it fails" : `did you mean "${nearest}"?`;
  return `there is no preflight check "${name}"; ${hint}`;
}
