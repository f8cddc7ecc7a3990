import { parseCidrs, parseIpAddress } from "../core/cidr.ts";
import { type InitCheck, warningFinding } from "./init-check.ts";

/** Source: kubeadm app/preflight SwapCheck. */
export const checkSwap: InitCheck = ({ facts }) => {
  if (!facts.swapOn) return [];
  return [
    warningFinding("Swap", {
      what: "swap is on",
      why: "when etcd or the API server is swapped out, requests and leader elections time out",
      fix: "remove swap from /etc/fstab, then: swapoff -a",
    }),
  ];
};

/**
 * Forwarding, for each address family that the configuration uses. An error in kubeadm; a warning here, because the
 * control plane's own pods are on the host network and need none: pods of a pod network do.
 * Source: kubeadm app/preflight InitNodeChecks, addIPv4Checks, addIPv6Checks.
 */
export const checkForwarding: InitCheck = ({ config, facts }) => {
  const { serviceSubnet, podSubnet } = config.cluster;
  const families = new Set([
    parseIpAddress(config.advertiseAddress)?.family,
    ...[serviceSubnet, podSubnet].flatMap((list) => parseCidrs(list) ?? []).map(({ family }) => family),
  ]);
  const switches = [
    { family: "IPv4", on: facts.ipv4Forwarding, key: "net/ipv4/ip_forward" },
    { family: "IPv6", on: facts.ipv6Forwarding, key: "net/ipv6/conf/default/forwarding" },
  ] as const;
  return switches
    .filter(({ family, on }) => families.has(family) && on === false)
    .map(({ family, key }) =>
      warningFinding(`FileContent--proc-sys-${key.replaceAll("/", "-")}`, {
        what: `${family} forwarding is off (/proc/sys/${key} is not 1)`,
        why: "the control plane does not need it, pods of a pod network will",
        fix: `before a pod network is installed: sysctl -w ${key.replaceAll("/", ".")}=1`,
      }),
    );
};

/** Without cgroups a process that leaves its group cannot be found again, and no limit holds. */
export const checkCgroups: InitCheck = ({ facts }) => {
  if (facts.cgroup !== "none") return [];
  return [
    warningFinding("Cgroups", {
      what: "no cgroup file system is mounted",
      why: "limits of pods are not enforced",
      fix: "the control plane runs without; if the kernel has it: mount -t cgroup2 none /sys/fs/cgroup",
    }),
  ];
};

/** Source: Linux Documentation/filesystems/proc.rst: lowering oom_score_adj needs CAP_SYS_RESOURCE. */
export const checkOomScore: InitCheck = ({ facts }) => {
  if (facts.canLowerOomScore) return [];
  return [
    warningFinding("OomScoreAdj", {
      what: "this user may not lower oom_score_adj (no CAP_SYS_RESOURCE)",
      why: "when memory runs out, the kernel may kill the control plane first",
      fix: "give the machine or container CAP_SYS_RESOURCE; nothing else depends on it",
    }),
  ];
};
