import { expect, test } from "vitest";
import type { FreeSpaceFact, InitFacts, PathFact, PortFact } from "../../../src/facts/types.ts";
import { checkInit } from "../../../src/preflight/check-init.ts";
import type { InitCheckInput } from "../../../src/preflight/init-check.ts";
import { sampleInitConfig } from "../../support/init-config.ts";

const NOW_MS = Date.UTC(2026, 10, 22);

const FACTS: InitFacts = {
  machine: {
    hostName: "node01",
    uid: 0,
    architecture: "amd64",
    kernelRelease: "6.1.0",
    cpuCount: 2,
    totalMemoryBytes: 2048 * 1024 ** 2,
    nowMs: NOW_MS,
    addresses: [
      { interfaceName: "lo", address: "127.0.0.1", family: "IPv4", prefixLength: 8, internal: true },
      { interfaceName: "eth0", address: "10.77.0.1", family: "IPv4", prefixLength: 24, internal: false },
    ],
    defaultRouteInterfaces: ["eth0"],
    caDirs: [],
    etcdAccount: undefined,
    unknown: [],
  },
  ports: [],
  paths: [],
  routes: [{ interfaceName: "eth0", cidr: "10.77.0.0/24" }],
  swapOn: false,
  ipv4Forwarding: true,
  ipv6Forwarding: true,
  hostNameResolves: true,
  proxyVariables: [],
  noProxy: [],
  externalEtcd: { unreadable: [], endpoints: [] },
  encryptionUsed: false,
  freeSpace: [{ path: "/var/lib", bytes: 10 * 1024 ** 3, files: 1e6, holdsData: true }],
  cgroup: "v2",
  canLowerOomScore: true,
  openFilesLimit: 65_536,
  inotifyProblem: undefined,
  availableMemoryBytes: 1024 ** 3,
  unwritable: [],
  otherRunners: [],
  earliestPlausibleMs: NOW_MS - 1,
  unknown: [],
};

/** A machine with another file system, with this much room. */
function free(space: Partial<FreeSpaceFact>): Partial<InitFacts> {
  const roomy = { path: "/run", bytes: 10 * 1024 ** 3, files: 1e6, holdsData: true };
  return { freeSpace: [...FACTS.freeSpace, { ...roomy, ...space }] };
}

function check(facts: Partial<InitFacts>, input: Partial<InitCheckInput> = {}) {
  return checkInit({ config: sampleInitConfig(), resuming: false, facts: { ...FACTS, ...facts }, ...input });
}

function brief(facts: Partial<InitFacts>, input: Partial<InitCheckInput> = {}): readonly string[] {
  return check(facts, input).map(({ name, severity }) => `${severity} ${name}`);
}

function machine(changes: Partial<InitFacts["machine"]>): Partial<InitFacts> {
  return { machine: { ...FACTS.machine, ...changes } };
}

const TAKEN: PortFact = {
  name: "kube-apiserver",
  host: "0.0.0.0",
  port: 6443,
  problem: "EADDRINUSE",
  holder: { pid: 4711, command: "nginx" },
};

const STATUS = {
  kind: "file",
  mode: 0o600,
  uid: 0,
  gid: 0,
  sizeBytes: 1,
  modifiedMs: 0,
  dev: 1,
  ino: 1,
  linkCount: 1,
} as const;

test("a fit machine gives no finding", () => {
  expect(check({})).toEqual([]);
});

test.each<readonly [string, Partial<InitFacts>]>([
  ["error IsPrivilegedUser", machine({ uid: 1000 })],
  ["error NumCPU", machine({ cpuCount: 1 })],
  ["error Mem", machine({ totalMemoryBytes: 1699 * 1024 ** 2 })],
  ["error Clock", { earliestPlausibleMs: NOW_MS + 1 }],
  ["error AdvertiseAddress", machine({ addresses: FACTS.machine.addresses.slice(0, 1) })],
  ["error OtherRunner", { otherRunners: [{ pid: 9, command: "kubelet" }] }],
  ["error Writable", { unwritable: ["/etc"] }],
  ["error FreeSpace", free({ bytes: 511 * 1024 ** 2 })],
  ["warning FreeSpace", free({ bytes: 2047 * 1024 ** 2 })],
  ["error FreeSpace", free({ bytes: 1024 ** 2 - 1, holdsData: false })],
  ["error FreeSpace", free({ files: 255, holdsData: false })],
  ["warning ServiceCIDR", { routes: [{ interfaceName: "eth1", cidr: "10.100.0.0/16" }] }],
  ["warning Hostname", { hostNameResolves: false }],
  ["warning Swap", { swapOn: true }],
  ["warning FileContent--proc-sys-net-ipv4-ip_forward", { ipv4Forwarding: false }],
  ["warning Cgroups", { cgroup: "none" }],
  ["warning OomScoreAdj", { canLowerOomScore: false }],
  ["error Port-6443", { ports: [TAKEN] }],
  ["warning FreeMemory", { availableMemoryBytes: 699 * 1024 ** 2 }],
  ["error OpenFiles", { openFilesLimit: 255 }],
  ["warning OpenFiles", { openFilesLimit: 4095 }],
  ["warning Inotify", { inotifyProblem: "EMFILE" }],
  ["warning Inotify", { inotifyProblem: "ENOSPC" }],
])("%s", (expected, facts) => {
  expect(brief(facts)).toEqual([expected]);
});

test("a small /run, as machines with little memory have, is enough, and a file system without a limit of files", () => {
  expect(brief(free({ bytes: 20 * 1024 ** 2, holdsData: false }))).toEqual([]);
  expect(brief(free({ files: Number.POSITIVE_INFINITY }))).toEqual([]);
});

test("an ordinary user may have a control plane under another root", () => {
  expect(brief(machine({ uid: 1000 }), { config: sampleInitConfig({ root: "/home/u/c" }) })).toEqual([]);
});

test("IPv6 forwarding matters only to a configuration with IPv6", () => {
  const cluster = { serviceSubnet: "10.96.0.0/12,fd01::/112" };
  expect(brief({ ipv6Forwarding: false })).toEqual([]);
  expect(brief({ ipv6Forwarding: false }, { config: sampleInitConfig({ cluster }) })).toEqual([
    "warning FileContent--proc-sys-net-ipv6-conf-default-forwarding",
  ]);
});

test("a service network with the machine's own address in it is an error", () => {
  const config = sampleInitConfig({ cluster: { serviceSubnet: "10.77.0.0/16" } });
  expect(brief({}, { config })).toEqual(["error ServiceCIDR"]);
});

test("any loopback address may be advertised", () => {
  expect(brief({}, { config: sampleInitConfig({ advertiseAddress: "127.0.0.5" }) })).toEqual([]);
});

test("a taken port names its holder", () => {
  expect(check({ ports: [TAKEN] })[0]).toMatchObject({
    what: "kube-apiserver cannot listen on 0.0.0.0:6443",
    why: "the port is held by nginx (pid 4711)",
    fix: "choose another port: --apiserver-bind-port; or stop it (kill 4711)",
  });
});

test("where Slipway holds a port its root is named, and a free port comes before the way to reset it", () => {
  const holder = { pid: 1, command: "kube-apiserver", root: "/p l" };
  const ports = [{ ...TAKEN, freePort: 16_443, holder }];
  expect(check({ ports })[0]).toMatchObject({
    why: "the port is held by kube-apiserver (pid 1) of the Slipway under /p l",
    fix: "choose another port, 16443 is free: --apiserver-bind-port; or undo that one: slipway reset --root '/p l'",
  });
  expect(brief({ ports }, { resuming: true })).toEqual(["error Port-6443"]);
  expect(brief({ ports: [{ ...TAKEN, holder: { ...holder, root: "/" } }] }, { resuming: true })).toEqual([]);
});

test("one port is told once though it is needed on two addresses", () => {
  expect(brief({ ports: [TAKEN, { ...TAKEN, host: "10.77.0.1" }] })).toEqual(["error Port-6443"]);
});

test("an advertise address that is not here is not told again for each port", () => {
  const port = { ...TAKEN, host: "10.9.9.9", problem: "EADDRNOTAVAIL", holder: undefined };
  const config = sampleInitConfig({ advertiseAddress: "10.9.9.9" });
  expect(brief({ ports: [port] }, { config })).toEqual(["error AdvertiseAddress"]);
});

test("an earlier run's components, files and runner are ours when it is resumed", () => {
  const facts: Partial<InitFacts> = {
    ports: [{ ...TAKEN, holder: { pid: 1, command: "kube-apiserver" } }],
    paths: [{ path: "/etc/kubernetes/manifests/etcd.yaml", status: STATUS, entryCount: undefined }],
    otherRunners: [{ pid: 2, command: "slipway" }],
  };
  expect(brief(facts, { resuming: true, ownRunners: [2] })).toEqual([]);
  expect(brief(facts, { resuming: true })).toEqual(["error OtherRunner"]);
  expect(brief(facts)).toEqual([
    "error Port-6443",
    "error OtherRunner",
    "error FileAvailable--etc-kubernetes-manifests-etcd.yaml",
  ]);
});

test("another runner is stopped by its own root", () => {
  const otherRunners = [{ pid: 9, command: "slipway", root: "/srv/other" }];
  expect(check({ otherRunners })[0]?.fix).toBe("slipway runner stop --root /srv/other");
});

test("somebody else's process on a port is an error even when resuming", () => {
  expect(brief({ ports: [TAKEN] }, { resuming: true })).toEqual(["error Port-6443"]);
});

test("a kubelet and its ports are welcome when it shall run the pods", () => {
  const kubelet = { pid: 9, command: "kubelet" };
  const ports = [{ ...TAKEN, name: "kubelet", port: 10_250, holder: kubelet }];
  expect(brief({ ports, otherRunners: [kubelet] }, { runtime: "external" })).toEqual([]);
});

test("names of path checks leave the root out", () => {
  const paths: readonly PathFact[] = [
    { path: "/r/etc/kubernetes/manifests/etcd.yaml", status: STATUS, entryCount: undefined },
    { path: "/r/var/lib/etcd", status: { ...STATUS, kind: "directory" }, entryCount: 1 },
  ];
  const etcd = { ...sampleInitConfig().cluster.etcd, dataDir: "/r/var/lib/etcd" };
  expect(brief({ paths }, { config: sampleInitConfig({ root: "/r", cluster: { etcd } }) })).toEqual([
    "error FileAvailable--etc-kubernetes-manifests-etcd.yaml",
    "error DirAvailable--var-lib-etcd",
  ]);
});

test("an empty data directory is fine, a file in its place is not", () => {
  const path = "/var/lib/etcd";
  expect(brief({ paths: [{ path, status: { ...STATUS, kind: "directory" }, entryCount: 0 }] })).toEqual([]);
  expect(brief({ paths: [{ path, status: STATUS, entryCount: undefined }] })).toEqual([
    "error DirAvailable--var-lib-etcd",
  ]);
});

test("a proxy that the cluster's addresses would go through is told for each of them", () => {
  const proxyVariables = ["HTTPS_PROXY"];
  expect(brief({ proxyVariables })).toEqual([
    "warning HTTPProxy",
    "warning HTTPProxyCIDR",
    "warning HTTPProxyCIDR",
  ]);
  expect(brief({ proxyVariables, noProxy: ["10.0.0.0/8"] })).toEqual([]);
  expect(brief({ proxyVariables, noProxy: ["10.77.0.1", "10.244.0.0/16"] })).toEqual([
    "warning HTTPProxyCIDR",
  ]);
  expect(brief({ proxyVariables, noProxy: ["*"] })).toEqual([]);
  expect(brief({ proxyVariables: ["HTTP_PROXY"] })).toEqual([]);
});

test("every finding says what to do", () => {
  const findings = check({ swapOn: true, cgroup: "none", ports: [TAKEN], unwritable: ["/etc"] });
  expect(findings.filter(({ fix }) => fix === "")).toEqual([]);
});

test("an etcd of others is judged by its version, and by its files before that", () => {
  const told = (version: string | undefined, problem?: string) =>
    check({
      externalEtcd: { unreadable: [], endpoints: [{ url: "https://e:2379", version, problem }] },
    }).map(({ name, what, why }) => [name, `${what}: ${why}`]);
  expect(told("3.5.24")).toEqual([]);
  expect(told("3.7.0")).toEqual([]);
  expect(told("3.5.9")).toEqual([
    ["ExternalEtcdVersion", "the etcd at https://e:2379 is 3.5.9: an API server needs 3.5.24 or newer"],
  ]);
  expect(told(undefined, "connect ECONNREFUSED")).toEqual([
    ["ExternalEtcdVersion", "the etcd at https://e:2379 does not tell its version: connect ECONNREFUSED"],
  ]);
  const unreadable = [{ path: "/e/ca.crt", reason: "it does not exist" }];
  expect(brief({ externalEtcd: { unreadable, endpoints: [] } })).toEqual([
    "error ExternalEtcdClientCertificates",
  ]);
});
