import type { InitConfig } from "../config/types.ts";
import { buildPaths } from "../core/paths.ts";
import type { System } from "../system/system.ts";
import { createFactReader, type FactReader } from "./fact-reader.ts";
import { findOtherRunners } from "./find-other-runners.ts";
import { describeCommand } from "./list-processes.ts";
import { type PortRequest, probePorts } from "./probe-ports.ts";
import { usesEncryption } from "./read-encryption-use.ts";
import { readExternalEtcd } from "./read-external-etcd.ts";
import { readKernelFacts } from "./read-kernel-facts.ts";
import { readLimitFacts } from "./read-limit-facts.ts";
import { findExistingParent, findUnwritable, readPathFact } from "./read-path-facts.ts";
import { readRoutes } from "./read-routes.ts";
import { resolvesHostName } from "./resolve-host-name.ts";
import type { FreeSpaceFact, InitFacts, MachineFacts } from "./types.ts";

/**
 * What the machine shows about one configuration: changes nothing, never throws (see `unknown`). `ports` are tried
 * by listening for a moment; `paths` are looked at; an etcd of others is asked. Some 10 ms, or up to a second when DNS
 * does not answer, ten when that etcd does not.
 */
export async function readInitFacts(
  system: System,
  options: {
    readonly config: InitConfig;
    readonly machine: MachineFacts;
    readonly ports: readonly PortRequest[];
    readonly paths: readonly string[];
  },
): Promise<InitFacts> {
  const { config, machine } = options;
  const reader = createFactReader();
  const written = listWrittenDirs(config, machine);
  const place = { root: config.root, uid: machine.uid };
  const { manifestDir } = buildPaths(place);
  const [
    ports,
    paths,
    routes,
    kernel,
    limits,
    hostNameResolves,
    freeSpace,
    unwritable,
    otherRunners,
    madeMs,
    externalEtcd,
    encryptionUsed,
  ] = await Promise.all([
    reader.read("ports", { read: () => probePorts(system, options), fallback: [] }),
    readPaths(system, { reader, paths: options.paths }),
    readRoutes(system, { reader }),
    readKernelFacts(system, { reader }),
    readLimitFacts(system, { reader, dir: await findExistingParent(system, manifestDir) }),
    reader.read("host name resolution", {
      read: () => resolvesHostName(system, describeName(options)),
      fallback: false,
    }),
    reader.read("free space", { read: () => readFreeSpace(system, written), fallback: [] }),
    reader.read("writable directories", { read: () => findUnwritable(system, written.dirs), fallback: [] }),
    readOtherRunners(system, { reader, manifestDir }),
    reader.read("age of the system", { read: () => readNewestSystemFileMs(system), fallback: 0 }),
    readExternalEtcd(system, config.cluster.externalEtcd),
    reader.read("encryption of Secrets", { read: () => usesEncryption(system, place), fallback: false }),
  ]);
  return {
    machine,
    ports,
    paths,
    routes: routes.networks,
    ...kernel,
    ...limits,
    hostNameResolves,
    ...readProxy(system),
    freeSpace,
    unwritable,
    otherRunners,
    externalEtcd,
    encryptionUsed,
    earliestPlausibleMs: madeMs,
    unknown: reader.unknown(),
  };
}

/** One whose configuration cannot be read hides no other. */
function readOtherRunners(
  system: System,
  { reader, manifestDir }: { readonly reader: FactReader; readonly manifestDir: string },
): Promise<InitFacts["otherRunners"]> {
  const read = (): ReturnType<typeof findOtherRunners> =>
    findOtherRunners(system, {
      manifestDir,
      onUnread: ({ pid, argv }, { what, why }) =>
        reader.note({ fact: `what ${describeCommand(argv)} (pid ${pid}) runs`, reason: `${what}: ${why}` }),
    });
  return reader.read("other runners", { read, fallback: [] });
}

function describeName({ config, machine }: { readonly config: InitConfig; readonly machine: MachineFacts }) {
  return { name: config.nodeName, hasDefaultRoute: machine.defaultRouteInterfaces.length > 0 };
}

function readPaths(
  system: System,
  { reader, paths }: { readonly reader: FactReader; readonly paths: readonly string[] },
): Promise<InitFacts["paths"]> {
  return Promise.all(
    paths.map((path) =>
      reader.read(path, {
        read: () => readPathFact(system, path),
        fallback: { path, status: undefined, entryCount: undefined },
      }),
    ),
  );
}

/** Where `init` and the runner write. */
interface WrittenDirs {
  readonly dirs: readonly string[];
  /** Those of them in which something grows. */
  readonly dataDirs: readonly string[];
}

function listWrittenDirs(config: InitConfig, machine: MachineFacts): WrittenDirs {
  const paths = buildPaths({ root: config.root, uid: machine.uid });
  const { kubernetesDir, manifestDir, runDir } = paths;
  const dataDirs = [config.cluster.etcd.dataDir, paths.stateDir, paths.podLogsDir];
  return {
    dirs: [kubernetesDir, manifestDir, config.cluster.certificatesDir, runDir, ...dataDirs],
    dataDirs,
  };
}

async function readFreeSpace(
  system: System,
  { dirs, dataDirs }: WrittenDirs,
): Promise<readonly FreeSpaceFact[]> {
  const find = async (asked: readonly string[]): Promise<ReadonlySet<string>> =>
    new Set(await Promise.all(asked.map((dir) => findExistingParent(system, dir))));
  const [parents, dataParents] = await Promise.all([find(dirs), find(dataDirs)]);
  return Promise.all(
    [...parents].map(async (path) => {
      const [bytes, files] = await Promise.all([system.fs.freeBytes(path), system.fs.freeFiles(path)]);
      return { path, bytes, files, holdsData: dataParents.has(path) };
    }),
  );
}

/** Source: golang.org/x/net/http/httpproxy FromEnvironment: either case, the upper-case name first. */
function readProxy(system: System): Pick<InitFacts, "proxyVariables" | "noProxy"> {
  const { env } = system.host;
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];
  const noProxy = env["NO_PROXY"] || env["no_proxy"] || "";
  return {
    proxyVariables: names.filter((name) => (env[name] ?? "") !== ""),
    noProxy: noProxy
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  };
}

/** Files that packages bring with the time at which they were made; a person's files would not do. */
async function readNewestSystemFileMs(system: System): Promise<number> {
  const paths = [system.host.execPath, "/usr/lib/os-release", "/bin/sh"];
  const found = await Promise.all(paths.map((path) => system.fs.stat(path)));
  return Math.max(0, ...found.map((status) => status?.modifiedMs ?? 0));
}
