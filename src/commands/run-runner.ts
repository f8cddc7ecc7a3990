import { isDeepStrictEqual } from "node:util";
import type { ApiCredentials } from "../api/types.ts";
import { withLock } from "../apply/lock.ts";
import { locateComponentForImage } from "../components/locate-component.ts";
import { messageOf } from "../core/errors.ts";
import { buildPaths, type ClusterPaths } from "../core/paths.ts";
import { parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import { createEventRecorder } from "../runner/events.ts";
import { createRunner, type Runner } from "../runner/run-runner.ts";
import type { RunnerOptions } from "../runner/types.ts";
import { createHostRuntime } from "../runtime/create-host-runtime.ts";
import type { System } from "../system/system.ts";
import { readOwnVersion } from "./package-root.ts";
import { readRunnerConfig } from "./read-runner-config.ts";
import { createRenewal } from "./renew-certificates.ts";

/**
 * Runs the static pod runner of a root in the foreground until it is stopped or `signal` aborts; pods go on then.
 * Reads its configuration again when told to. Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS and
 * SLIPWAY_RUNNER_RUNNING.
 */
export async function runRunner(
  system: System,
  options: {
    readonly root: string;
    readonly signal: AbortSignal;
    readonly onReload: (reload: () => void) => void;
  },
): Promise<void> {
  const paths = buildPaths({ root: options.root, uid: system.host.uid });
  const work = (): Promise<void> => keepRunning(system, { ...options, paths });
  await withLock(system, { root: options.root, command: "runner", work });
}

/**
 * One runner after the other: a changed configuration ends the one that runs and starts the next, which finds the
 * pods as they are. One that cannot be used is told, and the old one goes on.
 */
async function keepRunning(
  system: System,
  options: Parameters<typeof runRunner>[1] & { readonly paths: ClusterPaths },
): Promise<void> {
  const { paths, signal } = options;
  const events = createEventRecorder(system);
  let current = await readRunnerConfig(system, paths);
  let replaced = true;
  let runner: Runner | undefined;
  const stop = (): void => void runner?.stop({ pods: false });
  const onReload = async (): Promise<void> => {
    try {
      const fresh = await readRunnerConfig(system, paths);
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
    const runnerOptions = await buildOptions(system, { paths, config: current });
    runner = await createRunner(system, { ...runnerOptions, events, onReload });
    await runner.done;
  }
}

type RunnerConfig = Awaited<ReturnType<typeof readRunnerConfig>>;

async function buildOptions(
  system: System,
  { paths, config }: { readonly paths: ClusterPaths; readonly config: RunnerConfig },
): Promise<RunnerOptions> {
  const { kubelet, runner } = config;
  const version = readOwnVersion();
  const { componentDir, kubeconfig } = runner;
  return {
    root: paths.root,
    kubelet,
    nodeName: runner.nodeName,
    nodeIp: runner.nodeIP,
    nodeLabels: {},
    badManifest: "keep",
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

/** What a kubeconfig says, asked before each request: it is read each time, and parsed when it has changed. */
function createCredentials(system: System, path: string): () => Promise<ApiCredentials> {
  let known: { readonly text: string; readonly credentials: ApiCredentials } | undefined;
  return async () => {
    const text = await system.fs.readText(path);
    if (known?.text !== text) known = { text, credentials: parseKubeconfig({ text, path }) };
    return known.credentials;
  };
}
