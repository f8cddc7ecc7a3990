import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ApiCredentials } from "../../api/types.ts";
import { withLock } from "../../apply/lock.ts";
import { locateComponentForImage } from "../../components/locate-component.ts";
import { describeFileError, messageOf, SlipwayError } from "../../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../../core/paths.ts";
import { parseKubeconfig } from "../../kubeconfig/parse-kubeconfig.ts";
import { createEventRecorder } from "../../runner/events.ts";
import { createRunner, type Runner } from "../../runner/run-runner.ts";
import type { parseRunnerConfig } from "../../runner/settings/parse-runner-config.ts";
import type { RunnerOptions } from "../../runner/types.ts";
import { createHostRuntime } from "../../runtime/create-host-runtime.ts";
import { hasRunningContainers } from "../../runtime/list-left-containers.ts";
import { endSpoolKeeper, startSpoolKeeper } from "../../runtime/logs/spool-keeper.ts";
import { createProcesses } from "../../runtime/processes.ts";
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

/**
 * Runs the static pod runner of a root in the foreground until it is stopped or `signal` aborts; pods go on then.
 * Gives whether any do. Reads its configuration again when told to. Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS, SLIPWAY_KUBELET_RUNS
 * and SLIPWAY_RUNNER_RUNNING.
 */
export async function runRunner(
  system: System,
  options: {
    readonly root: string;
    readonly flags: KubeletFlags;
    readonly signal: AbortSignal;
    readonly onReload: (reload: () => void) => void;
  },
): Promise<{ readonly podsGoOn: boolean }> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const work = async () => {
    await keepRunning(system, { ...options, paths });
    return { podsGoOn: await leaveSpools(system, paths) };
  };
  return withLock(system, { root: options.root, command: "runner", work });
}

/** How the last runner of a root told its events, unless the command line says what this one is. */
export async function recallLogFormat(
  system: System,
  options: { readonly root: string } & Omit<KubeletFlags, "idle">,
): Promise<KubeletFlags["logFormat"]> {
  if (asksForStandalone(options)) return undefined;
  return (await recallFlags(system, buildPaths({ root: options.root, uid: system.host.uid })))?.logFormat;
}

/**
 * One runner after the other: a changed configuration ends the one that runs and starts the next, which finds the
 * pods as they are. One that cannot be used is told, and the old one goes on.
 */
async function keepRunning(
  system: System,
  options: Parameters<typeof runRunner>[1] & { readonly paths: ClusterPaths },
): Promise<void> {
  const { signal } = options;
  const events = createEventRecorder(system);
  let current = await readSettings(system, options);
  let replaced = true;
  let runner: Runner | undefined;
  const stop = (): void => void runner?.stop({ pods: false });
  const onReload = async (): Promise<void> => {
    try {
      const fresh = await readSettings(system, options);
      runner?.reload();
      if (isDeepStrictEqual(fresh, current)) return;
      current = fresh;
      replaced = true;
      system.log.info("configuration changed; the runner begins anew, its pods go on");
      stop();
    } catch (error) {
      system.log.error("configuration not taken over; the old one stays", { error: messageOf(error) });
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  options.onReload(() => void onReload());
  while (replaced && !signal.aborted) {
    replaced = false;
    const runnerOptions = await buildOptions(system, { paths: options.paths, ...current });
    runner = await createRunner(system, { ...runnerOptions, events, onReload });
    // What came while it started found no runner to stop.
    if (signal.aborted || replaced) stop();
    await keepSpoolsBounded(system, { ...runnerOptions, paths: options.paths });
    await runner.done;
  }
}

/** A runner whose spools nobody will bound when it has gone is still a runner. */
async function keepSpoolsBounded(
  system: System,
  { kubelet, paths }: Pick<RunnerOptions, "kubelet"> & { readonly paths: ClusterPaths },
): Promise<void> {
  const limits = { maxSizeBytes: kubelet.containerLogMaxSizeBytes, maxFiles: kubelet.containerLogMaxFiles };
  const processes = await createProcesses(system);
  try {
    await startSpoolKeeper(system, { containersDir: paths.containersDir, processes, limits });
  } catch (error) {
    system.log.warn("nothing will bound containers' output while no runner lives", {
      error: messageOf(error),
    });
  }
}

/** With the last container that runs there is nothing left to bound. Gives whether any runs. */
async function leaveSpools(system: System, { containersDir }: ClusterPaths): Promise<boolean> {
  if (await hasRunningContainers(system, containersDir)) return true;
  await endSpoolKeeper(system, { containersDir, processes: await createProcesses(system) });
  return false;
}

type RunnerConfig = ReturnType<typeof parseRunnerConfig>;

async function buildOptions(
  system: System,
  { paths, config, startedWith }: Settings & { readonly paths: ClusterPaths },
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
        : createRenewal(system, { kubeconfigPath: kubeconfig, kubelet }),
  };
}

interface Settings {
  readonly config: RunnerConfig;
  /** The flags in effect, without secrets. */
  readonly startedWith: readonly string[];
}

/** What init has written for this root, or what flags say: those of the command line, else those of the last runner. */
async function readSettings(
  system: System,
  { paths, flags: given }: { readonly paths: ClusterPaths; readonly flags: KubeletFlags },
): Promise<Settings> {
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
