import minor from "semver/functions/minor.js";
import type { InitConfig } from "../config/types.ts";
import { cidrContains, parseCidrs } from "../core/cidr.ts";
import { findArg } from "../manifests/flags.ts";
import { errorFinding, type InitCheckInput, warningFinding } from "./init-check.ts";
import type { Finding } from "./types.ts";

/** What of a control plane that runs cannot be changed, or not without loss. Undefined: it is not known. */
export interface PlaneTraits {
  readonly kubernetesVersion: string;
  readonly nodeName: string;
  readonly serviceSubnet: string | undefined;
  /** Empty: there is none. */
  readonly podSubnet: string | undefined;
  readonly dnsDomain: string | undefined;
}

/** The names of `checkEarlier`'s findings: what each phase of init asks, too, for it would do the same harm alone. */
export const EARLIER_CHECKS = [
  "CAKey",
  "KubernetesVersionChange",
  "NodeNameChange",
  "ServiceCIDRChange",
  "PodCIDRChange",
  "DNSDomainChange",
] as const;

/** Judges what init has left, and asks nothing else of the machine. */
type EarlierCheck = (input: Pick<InitCheckInput, "config" | "before" | "lostKeys">) => readonly Finding[];

/** A CA whose key was here and is gone would be taken for one whose owner signs elsewhere. */
const checkAuthorityKeys: EarlierCheck = ({ lostKeys = [] }) =>
  lostKeys.map((path) => errorFinding("CAKey", { what: `${path} is not there`, ...LOST_KEY }));

/** Why a CA's key that is gone is missed, and what to do. */
export const LOST_KEY = {
  why: "init had this CA's key before, and without it nothing can be signed or renewed",
  fix: "put it back from a backup; if its owner is to keep it elsewhere from now on: slipway init --ignore-preflight-errors=CAKey",
} as const;

/**
 * kubeadm goes up one minor at a time, and etcd's data cannot go back.
 * Source: kubeadm app/phases/upgrade/policy.go MaximumAllowedMinorVersionUpgradeSkew.
 */
const checkVersionChange: EarlierCheck = ({ before, config }) => {
  const is = config.cluster.kubernetesVersion;
  const was = before?.kubernetesVersion ?? is;
  const steps = minor(is) - minor(was);
  if (steps === 0 || steps === 1) return [];
  return [
    errorFinding("KubernetesVersionChange", {
      what: `Kubernetes would go from ${was} to ${is}`,
      why:
        steps < 0
          ? "what a newer API server and etcd have written an older one may not be able to read"
          : "a control plane goes up one minor version at a time",
      fix:
        steps < 0
          ? `stay: --kubernetes-version ${was}`
          : `go to each minor in between first: --kubernetes-version 1.${minor(was) + 1}`,
    }),
  ];
};

/** Nothing renames a Node: the runner would register another one beside it. */
const checkNodeNameChange: EarlierCheck = ({ before, config: { nodeName } }) => {
  const was = before?.nodeName ?? nodeName;
  if (was === nodeName) return [];
  return [
    errorFinding("NodeNameChange", {
      what: `the node would be called ${nodeName} in place of ${was}`,
      why: `a Node cannot be renamed: ${was} would be left in the cluster with its pods, and never be ready again`,
      fix: `keep the name: --node-name ${was}; or go on with --ignore-preflight-errors=NodeNameChange, and then kubectl delete node ${was}`,
    }),
  ];
};

/** The Service `kubernetes` keeps its address, which the API server's new certificate would not be for. */
const checkServiceSubnetChange: EarlierCheck = ({ before, config }) => {
  const is = readTraits(config).serviceSubnet;
  const was = before?.serviceSubnet ?? is;
  if (was === is) return [];
  return [
    errorFinding("ServiceCIDRChange", {
      what: `the services' network would change from ${was} to ${is}`,
      why: "Services keep their addresses, and the API server's new certificate would not be for that of its own",
      fix: `keep it: --service-cidr ${was}; another needs a new cluster, by slipway init after: slipway reset`,
    }),
  ];
};

/**
 * kube-controller-manager ends when a Node's range is outside of its own.
 * Source: pkg/controller/nodeipam/ipam/range_allocator.go NewCIDRRangeAllocator.
 */
const checkPodSubnetChange: EarlierCheck = ({ before, config }) => {
  const is = readTraits(config).podSubnet ?? "";
  const was = before?.podSubnet ?? "";
  if (is === "" || covers(is, was)) return [];
  return [
    errorFinding("PodCIDRChange", {
      what: `the pod network would change from ${was} to ${is}`,
      why: "Nodes keep the range that they were given, and kube-controller-manager ends when one is outside of the pod network",
      fix: `keep it: --pod-network-cidr ${was}; or a network that holds it; another needs a new cluster, by slipway init after: slipway reset`,
    }),
  ];
};

const checkDnsDomainChange: EarlierCheck = ({ before, config }) => {
  const is = readTraits(config).dnsDomain;
  const was = before?.dnsDomain ?? is;
  if (was === is || is === undefined) return [];
  return [
    warningFinding("DNSDomainChange", {
      what: `the cluster's DNS domain changes from ${was} to ${is}`,
      why: "the tokens of pods that run are refused from then on, and they go on to look names up in the old domain: restart them all",
      fix: `--service-dns-domain ${was} keeps it`,
    }),
  ];
};

const CHECKS: readonly EarlierCheck[] = [
  checkAuthorityKeys,
  checkVersionChange,
  checkNodeNameChange,
  checkServiceSubnetChange,
  checkPodSubnetChange,
  checkDnsDomainChange,
];

/** What an earlier init has made and this one would spoil. */
export const checkEarlier: EarlierCheck = (input) => CHECKS.flatMap((check) => check(input));

/** What a configuration comes to. */
function readTraits({ cluster }: InitConfig): Pick<PlaneTraits, "serviceSubnet" | "podSubnet" | "dnsDomain"> {
  const { apiServer, controllerManager } = cluster;
  const issuer = findArg(apiServer.extraArgs, "service-account-issuer");
  return {
    serviceSubnet: findArg(apiServer.extraArgs, "service-cluster-ip-range") ?? cluster.serviceSubnet,
    podSubnet: findArg(controllerManager.extraArgs, "cluster-cidr") ?? cluster.podSubnet,
    dnsDomain: issuer === undefined ? cluster.dnsDomain : parseIssuer(issuer),
  };
}

/** The DNS domain in the issuer of service account tokens. Source: kubeadm phases/controlplane/manifests.go. */
export function parseIssuer(issuer: string): string | undefined {
  return /^https:\/\/kubernetes\.default\.svc\.(.+)$/.exec(issuer)?.[1];
}

/** Whether each of some networks lies within one of others. */
function covers(networks: string, within: string): boolean {
  const outer = parseCidrs(networks) ?? [];
  const inner = within === "" ? [] : (parseCidrs(within) ?? []);
  return inner.every(({ address, prefixLength, family }) =>
    outer.some((cidr) => cidr.prefixLength <= prefixLength && cidrContains(cidr, { value: address, family })),
  );
}
