import type { FileStatus } from "../system/file-system.ts";
import type { InterfaceAddress } from "../system/host.ts";

/** A fact that could not be read, and why; named on stderr by a dry run. */
export interface UnknownFact {
  readonly fact: string;
  readonly reason: string;
}

/** Who holds a port. `process` is undefined when it may not be seen or nobody listens. */
export interface PortFact {
  readonly host: string;
  readonly port: number;
  /** Undefined: free. */
  readonly problem: string | undefined;
  readonly holder: { readonly pid: number; readonly command: string } | undefined;
}

/** What stands at a path. */
export interface PathFact {
  readonly path: string;
  readonly status: FileStatus | undefined;
  /** For a directory: how many entries; undefined when it cannot be listed. */
  readonly entryCount: number | undefined;
}

/** What the machine shows, before any configuration is read. Cheap: no more than a few milliseconds. */
export interface MachineFacts {
  readonly hostName: string;
  readonly uid: number;
  readonly architecture: string;
  readonly kernelRelease: string;
  readonly cpuCount: number;
  readonly totalMemoryBytes: number;
  readonly nowMs: number;
  readonly addresses: readonly InterfaceAddress[];
  /** Interfaces that carry a default route, IPv4 then IPv6. */
  readonly defaultRouteInterfaces: readonly string[];
  /** Which of kubeadm's five further CA directories exist here. Source: kubeadm controlplane/volumes.go. */
  readonly caDirs: readonly string[];
  readonly unknown: readonly UnknownFact[];
}

/** What the machine shows about one configuration: what preflight judges. */
export interface InitFacts {
  readonly machine: MachineFacts;
  readonly ports: readonly PortFact[];
  readonly paths: readonly PathFact[];
  readonly swapOn: boolean;
  readonly ipv4Forwarding: boolean | undefined;
  readonly ipv6Forwarding: boolean | undefined;
  /** Whether the node's name resolves. */
  readonly hostNameResolves: boolean;
  /** Proxy variables in the environment, names only. */
  readonly proxyVariables: readonly string[];
  readonly freeBytes: readonly { readonly path: string; readonly bytes: number }[];
  /** `v1`, `v2`, `hybrid` or `none`. */
  readonly cgroup: "v1" | "v2" | "hybrid" | "none";
  readonly canLowerOomScore: boolean;
  /** Whether root's directories can be written; paths that cannot. */
  readonly unwritable: readonly string[];
  /** A kubelet or a runner that already serves the manifest directory. */
  readonly otherRunners: readonly { readonly pid: number; readonly command: string }[];
  /** The modification time of the newest file we know to be made by people: a clock before it is wrong. */
  readonly earliestPlausibleMs: number;
}
