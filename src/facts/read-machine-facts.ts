import type { System } from "../system/system.ts";
import { createFactReader } from "./fact-reader.ts";
import { readEtcdAccount } from "./read-etcd-account.ts";
import { readRoutes } from "./read-routes.ts";
import type { MachineFacts } from "./types.ts";

/** Source: kubeadm app/phases/controlplane/volumes.go caCertsExtraVolumePaths, in its order. */
const CA_DIRS: readonly string[] = [
  "/etc/pki/ca-trust",
  "/etc/pki/tls/certs",
  "/etc/ca-certificates",
  "/usr/share/ca-certificates",
  "/usr/local/share/ca-certificates",
];

/** What the machine shows before any configuration is read. Never throws: see `unknown`. */
export async function readMachineFacts(system: System): Promise<MachineFacts> {
  const { host } = system;
  const reader = createFactReader();
  const [routes, caDirs, addresses, hostName, etcdAccount] = await Promise.all([
    readRoutes(system, { reader }),
    reader.read("CA directories", { read: () => selectExisting(system, CA_DIRS), fallback: [] }),
    reader.read("addresses", { read: () => host.addresses(), fallback: [] }),
    reader.read("host name", { read: () => host.hostName(), fallback: "localhost" }),
    reader.read("accounts", { read: () => readEtcdAccount(system), fallback: undefined }),
  ]);
  return {
    hostName,
    uid: host.uid,
    etcdAccount,
    architecture: host.architecture,
    kernelRelease: await reader.read("kernel release", { read: () => host.kernelRelease(), fallback: "" }),
    cpuCount: host.cpuCount(),
    totalMemoryBytes: host.totalMemoryBytes(),
    nowMs: system.clock.nowMs(),
    addresses,
    defaultRouteInterfaces: routes.defaultInterfaces,
    caDirs,
    unknown: reader.unknown(),
  };
}

async function selectExisting(system: System, paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => system.fs.stat(path)));
  return paths.filter((_path, index) => found[index] !== undefined);
}
