import { resolve } from "node:path";
import { candidateAddresses } from "../../config/candidate-addresses.ts";
import { KUBELET_FIELDS } from "../../config/component-fields.ts";
import { readNodeLabels, readTaints } from "../../config/node-flags.ts";
import { DEFAULT_KUBERNETES_VERSION } from "../../core/constants.ts";
import { describeFileError, SlipwayError } from "../../core/errors.ts";
import { isDnsSubdomain } from "../../core/names.ts";
import { selectNearest } from "../../core/nearest.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { listDropInPaths } from "../../facts/kubelet-sources.ts";
import { ACTING_FIELDS, decodeKubeletConfiguration } from "../../runner/settings/decode-kubelet.ts";
import { type KubeletFile, mergeKubeletDocuments } from "../../runner/settings/merge-kubelet-documents.ts";
import type { parseRunnerConfig } from "../../runner/settings/parse-runner-config.ts";
import type { System } from "../../system/system.ts";
import { describeFlagFields, type KubeletFlags } from "./kubelet-flags.ts";

/** A runner's configuration, and what its user should know about it. */
export interface StandaloneConfig {
  readonly config: ReturnType<typeof parseRunnerConfig>;
  readonly notes: readonly string[];
}

const KNOWN_FIELDS = Object.keys(KUBELET_FIELDS).map((name) => name.replace("?", ""));

/**
 * The configuration of a runner that init has nothing to do with, from a kubelet's own files and flags: defaults, then
 * the file, then its drop-ins, then flags. Raises SLIPWAY_CONFIG_UNREADABLE, SLIPWAY_CONFIG_INVALID and SLIPWAY_USAGE.
 * Source: cmd/kubelet/app/server.go NewKubeletCommand.
 */
export async function readStandaloneConfig(
  system: System,
  options: { readonly paths: ClusterPaths; readonly flags: KubeletFlags },
): Promise<StandaloneConfig> {
  const { paths, flags } = options;
  const workingDir = system.host.workingDir();
  const merged = mergeKubeletDocuments(await readFiles(system, flags));
  if (merged.errors.length > 0) throw invalidError(merged.errors);
  const kubeconfig = await findKubeconfig(system, flags);
  const value = {
    podLogsDir: paths.podLogsDir,
    // Without a cluster there is no one who could say who may ask.
    ...(kubeconfig.path === undefined ? { enableServer: false, address: "127.0.0.1" } : {}),
    ...merged.value,
    ...describeFlagFields(flags, workingDir),
  };
  const decoded = decodeKubeletConfiguration(value);
  if (decoded.kind === "wrong") {
    throw invalidError(decoded.faults.map(({ path, message }) => `${path.join(".")}: ${message}`));
  }
  const { staticPodPath = "", staticPodURL = "" } = decoded.configuration;
  if (staticPodPath === "" && staticPodURL === "") throw noSourceError();
  const labels = readNodeLabels(flags.nodeLabels ?? "");
  const runner = {
    ...describeRunner(system, { flags, kubeconfig: kubeconfig.path }),
    nodeLabels: labels.value,
  };
  const faults = [
    ...labels.problems.map((problem) => `--node-labels: ${problem}`),
    ...readTaints(flags.registerWithTaints ?? "").problems.map(
      (problem) => `--register-with-taints: ${problem}`,
    ),
    ...(staticPodURL === "" || /^https?:\/\/[^/]/.test(staticPodURL)
      ? []
      : ["staticPodURL: it has to begin with http:// or https://"]),
    ...(isDnsSubdomain(runner.nodeName)
      ? []
      : [`the node's name: ${JSON.stringify(runner.nodeName)} is not a DNS name; set --hostname-override`]),
  ];
  if (faults.length > 0) throw invalidError(faults);
  const kubelet = {
    ...decoded.configuration,
    staticPodPath: staticPodPath === "" ? undefined : resolve(workingDir, staticPodPath),
    staticPodURL: staticPodURL === "" ? undefined : staticPodURL,
  };
  return {
    config: { kubelet, runner },
    notes: [
      ...merged.warnings,
      ...describeIdle(merged.value, flags),
      ...kubeconfig.notes,
      ...(kubeconfig.path === undefined ? describeLocked(kubelet) : []),
    ],
  };
}

async function readFiles(system: System, flags: KubeletFlags): Promise<readonly KubeletFile[]> {
  const workingDir = system.host.workingDir();
  const dropIns =
    flags.configDir === undefined ? [] : await listDropInPaths(system, resolve(workingDir, flags.configDir));
  const files = [
    ...(flags.config === undefined ? [] : [{ path: resolve(workingDir, flags.config), isDropIn: false }]),
    ...dropIns.map((path) => ({ path, isDropIn: true })),
  ];
  return Promise.all(files.map(async (file) => ({ ...file, text: await readFile(system, file.path) })));
}

async function readFile(system: System, path: string): Promise<string> {
  try {
    return await system.fs.readText(path);
  } catch (error) {
    const described = describeFileError(error, { action: "read", path });
    if (!(described instanceof SlipwayError)) throw described;
    const { why, fix } = described;
    throw new SlipwayError({
      code: "SLIPWAY_CONFIG_UNREADABLE",
      what: `the configuration ${path} cannot be read`,
      why,
      fix,
      cause: error,
    });
  }
}

/** The node's identity. One that is not there means a machine that has not joined a cluster. */
async function findKubeconfig(
  system: System,
  flags: KubeletFlags,
): Promise<{ readonly path: string | undefined; readonly notes: readonly string[] }> {
  if (flags.kubeconfig === undefined || flags.kubeconfig === "") return { path: undefined, notes: [] };
  const path = resolve(system.host.workingDir(), flags.kubeconfig);
  if ((await system.fs.stat(path)) !== undefined) return { path, notes: [] };
  return { path: undefined, notes: [`${path} does not exist: the runner runs without a cluster`] };
}

/** Source: component-helpers node/util GetHostname: blanks cut off, lower case. */
function describeRunner(
  system: Pick<System, "host">,
  { flags, kubeconfig }: { readonly flags: KubeletFlags; readonly kubeconfig: string | undefined },
): Omit<StandaloneConfig["config"]["runner"], "nodeLabels"> {
  const [own] = candidateAddresses({ addresses: system.host.addresses(), defaultRouteInterfaces: [] });
  return {
    apiVersion: "slipway.dev/v1",
    kind: "RunnerConfiguration",
    nodeName: (flags.hostnameOverride ?? system.host.hostName()).trim().toLowerCase(),
    nodeIP: flags.nodeIp ?? own?.address ?? "127.0.0.1",
    kubernetesVersion: DEFAULT_KUBERNETES_VERSION,
    badManifest: flags.badManifest ?? "keep",
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(flags.certDir === undefined ? {} : { certDir: resolve(system.host.workingDir(), flags.certDir) }),
  };
}

/** A kubelet does not even start then. Source: cmd/kubelet/app/auth.go BuildAuth. */
function describeLocked(kubelet: StandaloneConfig["config"]["kubelet"]): readonly string[] {
  if (!kubelet.enableServer || kubelet.authorizationMode === "AlwaysAllow") return [];
  return [
    "the kubelet API answers nobody: authorization.mode Webhook needs a cluster to ask (--kubeconfig); " +
      "AlwaysAllow lets in who has a certificate of authentication.x509.clientCAFile",
  ];
}

/** One note for all fields that do nothing here, one for all such flags, and one for each field that no one knows. */
function describeIdle(value: Readonly<Record<string, unknown>>, flags: KubeletFlags): readonly string[] {
  const fields = Object.keys(value).filter(
    (name) => ![...ACTING_FIELDS, "apiVersion", "kind"].includes(name),
  );
  const idle = fields.filter((name) => KNOWN_FIELDS.includes(name));
  return [
    ...(idle.length > 0 ? [`these fields have no effect here: ${idle.join(", ")}`] : []),
    ...(flags.idle.length > 0 ? [`these flags have no effect here: ${flags.idle.join(", ")}`] : []),
    ...fields
      .filter((name) => !KNOWN_FIELDS.includes(name))
      .map((name) => {
        const nearest = selectNearest(name, KNOWN_FIELDS);
        return `there is no field ${name}; it is ignored${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
      }),
  ];
}

function invalidError(details: readonly string[]): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what: "the runner's configuration cannot be used",
    why: `it has ${details.length} ${details.length === 1 ? "error" : "errors"}`,
    fix: "mend what is named above, then run the command again",
    details,
  });
}

function noSourceError(): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_CONFIG_INVALID",
    what: "the runner has nothing to run",
    why: "neither staticPodPath nor staticPodURL is set",
    fix: "name a directory of manifests: --pod-manifest-path=DIR",
  });
}
