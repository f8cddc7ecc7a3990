import { dirname } from "node:path";
import type { ApiCredentials } from "../../api/types.ts";
import { readLedger } from "../../apply/ledger.ts";
import { locateComponentForImage } from "../../components/locate-component.ts";
import { describeFileError, SlipwayError, whenOurs } from "../../core/errors.ts";
import type { ClusterPaths } from "../../core/paths.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import type { parseRunnerConfig } from "../../runner/settings/parse-runner-config.ts";
import type { RunnerOptions } from "../../runner/types.ts";
import { createHostRuntime } from "../../runtime/create-host-runtime.ts";
import type { System } from "../../system/system.ts";
import { createRenewal } from "../certs/renew-certificates.ts";
import { readOwnVersion } from "../package-root.ts";
import { ensureServingCertificate } from "./ensure-serving-certificate.ts";
import { asksForStandalone, formatFlags, type KubeletFlags } from "./kubelet-flags.ts";
import { readRunnerConfig } from "./read-runner-config.ts";
import { readStandaloneConfig } from "./read-standalone-config.ts";
import { refuseKubeletsPlane } from "./refuse-kubelets-plane.ts";
import { refuseServedPlace } from "./refuse-served-place.ts";
import { recallFlags, rememberFlags } from "./remembered-flags.ts";

/** A runner's configuration, and what it was started with. */
export interface RunnerSettings {
  readonly config: ReturnType<typeof parseRunnerConfig>;
  /** The flags in effect, without secrets. */
  readonly startedWith: readonly string[];
}

/**
 * What init has written for this root, or what flags say: those of the command line, else those of the last runner.
 * Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS, SLIPWAY_KUBELET_RUNS, SLIPWAY_RUNNER_RUNNING and SLIPWAY_USAGE.
 */
export async function readRunnerSettings(
  system: System,
  { paths, flags: given }: { readonly paths: ClusterPaths; readonly flags: KubeletFlags },
): Promise<RunnerSettings> {
  const hasPlane = (await system.fs.stat(paths.runnerConfigPath)) !== undefined;
  if (hasPlane && asksForStandalone(given)) throw planeError(paths);
  const flags = hasPlane ? undefined : await completeFlags(system, { paths, given });
  if (flags === undefined) {
    await refuseKubeletsPlane(system, paths);
    const config = await readRunnerConfig(system, paths);
    await refuseServedPlace(system, { paths, ...config });
    return { config, startedWith: [] };
  }
  const { config, notes } = await readStandaloneConfig(system, { paths, flags });
  await refuseServedPlace(system, { paths, ...config });
  for (const note of notes) system.log.warn("configuration has an oddity", { what: note });
  await rememberFlags(system, { paths, flags });
  const workingDir = system.host.workingDir();
  return { config, startedWith: formatFlags(flags, { workingDir, masked: true }) };
}

/** What a runner is given by its settings. */
export async function buildRunnerOptions(
  system: System,
  { paths, config, startedWith }: RunnerSettings & { readonly paths: ClusterPaths },
): Promise<RunnerOptions> {
  const { runner } = config;
  const version = readOwnVersion();
  const { componentDir, kubeconfig, nodeName, nodeIP: nodeIp } = runner;
  const certDir = runner.certDir ?? dirname(paths.servingCertPath);
  const kubelet = await ensureServingCertificate(system, { ...config, certDir, nodeName, nodeIp });
  return {
    root: paths.root,
    startedWith,
    kubelet,
    nodeName,
    nodeIp,
    nodeLabels: runner.nodeLabels,
    badManifest: runner.badManifest,
    version,
    kubeletVersion: runner.kubernetesVersion,
    paths,
    runtime: await createHostRuntime(system, {
      containersDir: paths.containersDir,
      logs: { maxSizeBytes: kubelet.containerLogMaxSizeBytes, maxFiles: kubelet.containerLogMaxFiles },
      locateImage: (image) => locateComponentForImage(system, { image, componentDir }),
      version,
    }),
    credentials: kubeconfig === undefined ? undefined : createCredentials(system, kubeconfig),
    renewal:
      kubeconfig === undefined || !kubelet.rotateCertificates
        ? undefined
        : createRenewal(system, {
            kubeconfigPath: kubeconfig,
            kubelet,
            ownServing:
              kubelet.tlsCertFile === paths.servingCertPath
                ? { nodeName, address: nodeIp, mayMake: () => isInitDone(system, paths) }
                : undefined,
          }),
  };
}

/** Else init makes what lacks, now or when it goes on: two at once would leave a key beside another's certificate. */
async function isInitDone(system: System, paths: ClusterPaths): Promise<boolean> {
  const ledger = await readLedger(system, paths).catch(whenOurs);
  return ledger?.unfinished !== true;
}

/** Undefined where no runner without a control plane is asked for or known. */
async function completeFlags(
  system: System,
  { paths, given }: { readonly paths: ClusterPaths; readonly given: KubeletFlags },
): Promise<KubeletFlags | undefined> {
  if (asksForStandalone(given)) return given;
  const known = await recallFlags(system, paths);
  return known === undefined ? undefined : { ...known, ...given };
}

function planeError(paths: ClusterPaths): SlipwayError {
  return new SlipwayError({
    code: "SLIPWAY_USAGE",
    what: `the flags do not fit the control plane under ${paths.root}`,
    why: `its runner reads ${paths.runnerConfigPath}`,
    fix: "edit that file, or name another directory with --root",
  });
}

/** What a kubeconfig says, asked before each request: it is read each time, and parsed when it has changed. */
function createCredentials(system: System, path: string): () => Promise<ApiCredentials> {
  let known: { readonly text: string; readonly credentials: ApiCredentials } | undefined;
  return async () => {
    const text = await system.fs.readText(path).catch((error: unknown) => {
      throw describeFileError(error, { action: "read the node's credentials", path });
    });
    if (known?.text !== text) known = { text, credentials: parseKubeconfig({ text, path }) };
    return known.credentials;
  };
}
