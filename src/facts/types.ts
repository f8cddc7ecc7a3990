import type { FileStatus } from "../system/file-system.ts";
import type { InterfaceAddress } from "../system/host.ts";
import type { PortHolder } from "./find-port-holders.ts";
import type { ExternalEtcdFacts } from "./read-external-etcd.ts";

/** A fact that could not be read, and why; named on stderr by a dry run. */
export interface UnknownFact {
  readonly fact: string;
  readonly reason: string;
}

/** Whether a port can be listened on. `holder` is undefined when nobody listens or the process may not be seen. */
export interface PortFact {
  /** What needs the port: a component's name or `kubelet`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The system error, such as `EADDRINUSE`. Undefined: free. */
  readonly problem: string | undefined;
  readonly holder: PortHolder | undefined;
  /** One to take in place of a port that is held. */
  readonly freePort?: number | undefined;
}

/** What stands at a path. */
export interface PathFact {
  readonly path: string;
  readonly status: FileStatus | undefined;
  /** For a directory: how many entries; undefined when it cannot be listed. */
  readonly entryCount: number | undefined;
}

/** A network that the kernel has a route for; default routes are not among them. */
export interface RouteFact {
  readonly interfaceName: string;
  /** `192.0.2.0/24` */
  readonly cidr: string;
}

/** What the machine shows, before any configuration is read. Cheap: no more than a few milliseconds. */
export interface MachineFacts {
  readonly hostName: string;
  readonly uid: number;
  /** The account named etcd. */
  readonly etcdAccount: { readonly uid: number; readonly gid: number } | undefined;
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
  readonly routes: readonly RouteFact[];
  readonly swapOn: boolean;
  readonly ipv4Forwarding: boolean | undefined;
  readonly ipv6Forwarding: boolean | undefined;
  /** Whether the node's name resolves. */
  readonly hostNameResolves: boolean;
  /** Proxy variables in the environment, names only. */
  readonly proxyVariables: readonly string[];
  /** Hosts, domains and networks that go past the proxy, from `NO_PROXY`. */
  readonly noProxy: readonly string[];
  /** Where init and the runner write: the nearest parents that exist. */
  readonly freeSpace: readonly FreeSpaceFact[];
  /** `v1`, `v2`, `hybrid` or `none`. */
  readonly cgroup: "v1" | "v2" | "hybrid" | "none";
  readonly canLowerOomScore: boolean;
  /** Directories under the root in which nothing can be made: the nearest parents that exist. */
  readonly unwritable: readonly string[];
  /** A kubelet or a runner that already serves the manifest directory. */
  readonly otherRunners: readonly {
    readonly pid: number;
    readonly command: string;
    /** Of a runner of ours. */
    readonly root?: string | undefined;
  }[];
  readonly externalEtcd: ExternalEtcdFacts;
  /** kube-apiserver has run with a key of ours that it encrypts Secrets with. */
  readonly encryptionUsed: boolean;
  /** How many files a process may have open; undefined: no limit is known. */
  readonly openFilesLimit: number | undefined;
  /** Why no further directory can be watched; undefined: it can. */
  readonly inotifyProblem: "EMFILE" | "ENOSPC" | undefined;
  /** What can still be had without swapping. */
  readonly availableMemoryBytes: number;
  /** When the newest file was made that came with the system's packages: a clock before it is wrong. */
  readonly earliestPlausibleMs: number;
  /** What could not be read beside what `machine.unknown` has. */
  readonly unknown: readonly UnknownFact[];
}

/** The room on the file system of a path. */
export interface FreeSpaceFact {
  readonly path: string;
  readonly bytes: number;
  /** How many more files can be made. */
  readonly files: number;
  /** Data that grows, as etcd's and logs; else some small files. */
  readonly holdsData: boolean;
}
