import { constants } from "node:fs";
import { join } from "node:path";
import { isObject } from "../core/json.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { parseYamlDocuments } from "../core/yaml.ts";
import type { System } from "../system/system.ts";
import { createFactReader } from "./fact-reader.ts";
import { findManifestProcesses } from "./find-manifest-processes.ts";
import { findOtherRunners } from "./find-other-runners.ts";
import { type ContainerRuntimeFacts, readContainerRuntime } from "./read-container-runtime.ts";
import { readKernelFacts } from "./read-kernel-facts.ts";
import { readSystemdUnit } from "./read-systemd-unit.ts";
import type { InitFacts } from "./types.ts";

/** What a machine shows about a control plane that is to be handed over. */
export interface HandoffFacts extends Pick<InitFacts, "swapOn" | "cgroup"> {
  /** Kubelets and runners that read the manifest directory now. */
  readonly watchers: readonly { readonly pid: number; readonly command: string }[];
  /** Processes that run what the manifests say, whoever started them. */
  readonly componentPids: readonly number[];
  readonly kubelet: {
    /** Its program: of its systemd unit, else of PATH. */
    readonly programPath: string | undefined;
    /** `v1.37.2` */
    readonly version: string | undefined;
    readonly configPath: string;
    readonly config: Readonly<Record<string, unknown>> | undefined;
  };
  /** Undefined where the kubelet's configuration names none. */
  readonly containerRuntime: (ContainerRuntimeFacts & { readonly endpoint: string }) | undefined;
}

/** `kubelet --version` answers at once; a busy machine may need longer. */
const VERSION_TIMEOUT_MS = 15_000;

/** Looks at the kubelet, the container runtime and what runs; changes nothing. `manifests` are their texts. */
export async function readHandoffFacts(
  system: System,
  options: {
    readonly paths: ClusterPaths;
    readonly manifests: readonly string[];
    readonly images: readonly string[];
  },
): Promise<HandoffFacts> {
  const { paths, manifests, images } = options;
  const configPath = join(paths.kubeletDir, "config.yaml");
  const programPath = await findKubelet(system);
  const [watchers, pids, version, config, { swapOn, cgroup }] = await Promise.all([
    findOtherRunners(system, { manifestDir: paths.manifestDir }),
    Promise.all(manifests.map((text) => findManifestProcesses(system, text))),
    programPath === undefined ? undefined : readVersion(system, programPath),
    readConfig(system, configPath),
    readKernelFacts(system, { reader: createFactReader() }),
  ]);
  const endpoint = config?.["containerRuntimeEndpoint"];
  return {
    watchers,
    componentPids: [...new Set(pids.flat())],
    kubelet: { programPath, version, configPath, config },
    containerRuntime:
      typeof endpoint === "string" && endpoint !== ""
        ? { endpoint, ...(await readContainerRuntime(system, { endpoint, images })) }
        : undefined,
    swapOn,
    cgroup,
  };
}

async function findKubelet(system: System): Promise<string | undefined> {
  const unit = await readSystemdUnit(system, { name: "kubelet.service" });
  const dirs = (system.host.env["PATH"] ?? "").split(":").filter((dir) => dir.startsWith("/"));
  const candidates = [...(unit?.argv.slice(0, 1) ?? []), ...dirs.map((dir) => join(dir, "kubelet"))];
  for (const path of candidates) if (await system.fs.access(path, constants.X_OK)) return path;
  return undefined;
}

async function readVersion(system: System, command: string): Promise<string | undefined> {
  const { stdout } = await system.exec.run({
    command,
    args: ["--version"],
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  return /v\d+\.\d+\.\S+/.exec(stdout)?.[0];
}

async function readConfig(
  system: System,
  path: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await system.fs.readTextIfExists(path);
  const value = parseYamlDocuments(text ?? "")[0]?.value;
  return isObject(value) ? value : undefined;
}
