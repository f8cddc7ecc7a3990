import { RAISE_PROCESSES } from "../core/errors.ts";
import { CERTIFICATE_CAUSES } from "./certificate-causes.ts";
import type { FailureMeaning, FailurePattern } from "./failure-pattern.ts";

/** Where a component's flags come from in the configuration. */
const CONFIG_SECTIONS: Readonly<Record<string, string>> = {
  etcd: "etcd.local",
  "kube-apiserver": "apiServer",
  "kube-controller-manager": "controllerManager",
  "kube-scheduler": "scheduler",
};

function extraArgs(component: string): string {
  const section = CONFIG_SECTIONS[component];
  return section === undefined ? "the manifest's command" : `${section}.extraArgs of the configuration`;
}

const DAMAGED_FIX =
  "restore a snapshot (etcdutl snapshot restore), or, if the data may go, move the data directory away, then: slipway init";

/** Of an etcd that answers and takes no writes. */
export const LOST_LOG_END: FailureMeaning = {
  cause: "etcd takes no writes: the end of its write-ahead log has been lost, and its database is newer",
  fix: DAMAGED_FIX,
};

function unauthorized(_match: readonly string[], component: string): FailureMeaning {
  return {
    cause: `the API server does not accept the client certificate in the kubeconfig of ${component}`,
    fix: "move the kubeconfig away, then have it written anew: slipway init",
  };
}

/** Causes, the more telling one first. */
export const CAUSES: readonly FailurePattern[] = [
  {
    pattern: /listen tcp (\S*):(\d+): bind: address already in use/,
    permanent: true,
    explain: ([, host, port]) => ({
      cause: `port ${port} on ${host || "every address"} is already in use`,
      fix: `choose another port, or find who holds it (ss -ltnp 'sport = :${port}')`,
      taken: { host: host?.replace(/^\[(.*)\]$/, "$1") || "::", port: Number(port) },
    }),
  },
  {
    pattern: /listen tcp (\S+): bind: cannot assign requested address/,
    permanent: true,
    inManifest: true,
    explain: ([, address]) => ({
      cause: `this machine has no interface with the address of ${address}`,
      fix: "run init with an --apiserver-advertise-address that the machine has (ip addr)",
    }),
  },
  {
    pattern: /listen tcp (\S+): bind: permission denied/,
    permanent: true,
    inManifest: true,
    explain: ([, address]) => ({
      cause: `this user may not listen on ${address}: ports below 1024 need root`,
      fix: "choose a port from 1024 on, or run as root",
    }),
  },
  {
    pattern: /unknown (?:shorthand )?flag: (.+)|flag provided but not defined: (\S+)/,
    permanent: true,
    inManifest: true,
    explain: ([, first, second], component) => ({
      cause: `this version of ${component} has no flag ${first || second}`,
      fix: `take it out of ${extraArgs(component)}, then: slipway init`,
    }),
  },
  {
    pattern:
      /invalid argument "(.*)" for "(?:-\w, )?(--[\w-]+)" flag|invalid value "(.*)" for flag (-[\w-]+)/,
    permanent: true,
    inManifest: true,
    explain: ([, value, flag, otherValue, otherFlag], component) => ({
      cause: `${component} does not take the value "${value || otherValue}" for its flag ${flag || otherFlag}`,
      fix: `mend it in ${extraArgs(component)}, then: slipway init`,
    }),
  },
  {
    pattern: /cannot use public IP (\S+) with endpoint reconciler/,
    permanent: true,
    inManifest: true,
    explain: ([, address]) => ({
      cause: `the API server cannot announce the loopback address ${address}`,
      fix: "set endpoint-reconciler-type to none in apiServer.extraArgs, or use a real advertise address",
    }),
  },
  ...CERTIFICATE_CAUSES,
  {
    pattern:
      /version \\?"([\d.]+)\\?" is not supported|invalid downgrade; server version is lower than determined cluster version/,
    permanent: true,
    explain: ([, version]) => ({
      cause: `the data directory was written by a newer etcd${version ? `, ${version}` : ""}`,
      fix: "use that etcd (etcd.local.imageTag), or, if the data may go, empty the data directory, then: slipway init",
    }),
  },
  {
    pattern: /couldn't find local name "(.*)" in the initial cluster configuration/,
    permanent: true,
    inManifest: true,
    explain: ([, name]) => ({
      cause: `etcd's own name ${name} is not among the members of --initial-cluster`,
      fix: "make name and initial-cluster in etcd.local.extraArgs agree, then: slipway init",
    }),
  },
  {
    // A log without its beginning, and a database that ends in the midst of a page or has another's pages, make it panic.
    pattern:
      /invalid database|\[wal\] max entry size limit exceeded|walpb: crc mismatch|wal: (?:crc mismatch|file not found|slice bounds out of range|snapshot not found|conflicting metadata found)|file checksum mismatch|assertion failed: Page expected to be|fatal error: fault, in go\.etcd\.io\/bbolt|nil pointer dereference, in go\.etcd\.io\/etcd\/server\/v3\/etcdserver\.bootstrap/,
    permanent: true,
    explain: () => ({ cause: "etcd's data directory is damaged", fix: DAMAGED_FIX }),
  },
  {
    pattern: /no space left on device|disk quota exceeded/,
    permanent: true,
    explain: () => ({
      cause: "the disk is full",
      fix: "free some space on the file system of etcd's data and the logs (df -h), then: slipway init",
    }),
  },
  {
    pattern: /database space exceeded/,
    permanent: true,
    explain: () => ({
      cause: "etcd's database has reached its quota and takes no more writes",
      fix: "compact and defragment it (etcdctl compact, defrag, alarm disarm), or raise quota-backend-bytes",
    }),
  },
  {
    pattern: /error loading config file "(.+?)": (.*)/,
    permanent: true,
    explain: ([, path, reason]) => ({
      cause: `the kubeconfig ${path} cannot be parsed: ${reason}`,
      fix: `move ${path} away, then have a new one made: slipway init`,
    }),
  },
  {
    pattern: /(?:open|stat|lstat|mkdir) (\S+): permission denied/,
    permanent: true,
    inManifest: true,
    explain: ([, path]) => ({
      cause: `this user may not use ${path}`,
      fix: `check its owner and mode (ls -ld ${path}); a chown to the user of the runner mends it`,
    }),
  },
  {
    pattern: /(?:open|stat|lstat) (\S+): no such file or directory/,
    permanent: true,
    inManifest: true,
    explain: ([, path]) => ({
      cause: `${path} does not exist`,
      fix: "a path of your own in extraArgs must be there, and mounted; what else is missing is made by: slipway init",
    }),
  },
  {
    pattern: /(?:readdirent|open|mkdir) (\S+): not a directory/,
    permanent: true,
    inManifest: true,
    explain: ([, path]) => ({
      cause: `${path} is not a directory`,
      fix: `move it away (mv ${path} ${path}.old), then: slipway init`,
    }),
  },
  {
    pattern: /failed to execute (\S+): No such file|exec: (\S+): not found/,
    permanent: true,
    inManifest: true,
    explain: ([, first, second]) => ({
      cause: `the program ${first || second} is not there`,
      fix: "have the program checked and fetched: slipway components verify; slipway components fetch",
    }),
  },
  {
    pattern: /Exec format error|: Syntax error: |ELF.*: not found/,
    permanent: true,
    explain: (_match, component) => ({
      cause: `the program of ${component} is damaged or made for another kind of processor`,
      fix: "compare file $(command -v PROGRAM) with uname -m; have the program checked and fetched: slipway components verify; slipway components fetch",
    }),
  },
  {
    pattern: /too many open files|file descriptor limit of etcd process is too low/,
    permanent: true,
    explain: (_match, component) => ({
      cause: `${component} may have no more files and connections open`,
      fix: `raise the limit where the runner is started (ulimit -Hn 65536 as root, or LimitNOFILE of its unit), then slipway runner restart and slipway restart ${component}`,
    }),
  },
  {
    pattern: /failed to create new OS thread|fatal error: newosproc/,
    permanent: true,
    explain: (_match, component) => ({
      cause: `${component} may start no more threads`,
      fix: `${RAISE_PROCESSES}, then slipway runner restart and slipway restart ${component}`,
    }),
  },
  {
    pattern:
      /fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory|failed to reserve page summary memory)|runtime: cannot allocate memory/,
    permanent: false,
    explain: (_match, component) => ({
      cause: `${component} could not get memory`,
      fix: "give the machine more memory, or raise the limit it runs under (ulimit -v, the cgroup's memory limit)",
    }),
  },
];

/**
 * etcd says so as a matter of course, and it is all that it says for seven seconds. Source: go.etcd.io/raft raft.go
 * campaign.
 */
export const LONELY = /sent MsgPreVote request to/;

/** Permanent where nobody can have joined: no other member of this cluster will ever start. */
export const LEADERLESS: FailurePattern = {
  // Only who has other members asks them for their votes, and again and again only where there is no leader.
  pattern: LONELY,
  permanent: false,
  livesOn: true,
  explain: () => ({
    cause: "etcd's data know other members of its cluster, and too few of them answer to choose a leader",
    fix: "start them, and see that this machine reaches them; if these are another cluster's data, move them away (etcd.local.dataDir, by default /var/lib/etcd), then: slipway init",
  }),
};

/** What is seen when something else is wrong: told only when no cause is found. None of it is permanent. */
export const SYMPTOMS: readonly FailurePattern[] = [
  LEADERLESS,
  {
    pattern: /failed to (?:list|watch|create) .*: Unauthorized/,
    permanent: false,
    explain: unauthorized,
  },
  {
    pattern: /dial tcp (\S+): connect: (?:connection refused|no route to host|connection timed out)/,
    permanent: false,
    explain: ([, address], component) => ({
      cause: `nothing answers ${component} at ${address}`,
      silentAddress: address ?? "",
      fix:
        component === "kube-apiserver"
          ? "to see why etcd does not run: slipway logs etcd"
          : "to see why the API server does not run: slipway logs kube-apiserver",
    }),
  },
  {
    // Who asks etcd for leases and its health every few seconds has more to say when it goes on.
    pattern: /etcd grpc connection not ready|etcdserver: request timed out|etcdserver: no leader/,
    permanent: false,
    withinMs: 15_000,
    explain: () => ({
      cause: "etcd did not answer the API server in time",
      fix: "to see why: slipway logs etcd",
    }),
  },
];

/** What keeps a component that its own probes call ready from its work. */
export const IDLE: readonly FailurePattern[] = [
  {
    // Without a leader it says the same, but then it is not ready. Source: go.etcd.io/etcd/server etcdserver publishV3.
    pattern: /failed to publish local member/,
    permanent: true,
    livesOn: true,
    explain: () => LOST_LOG_END,
  },
  {
    pattern: /retrieving .*lock.*Unauthorized/,
    permanent: true,
    livesOn: true,
    explain: unauthorized,
  },
];
