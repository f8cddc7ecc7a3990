import type { ApiCredentials } from "../api/types.ts";
import { withLock } from "../apply/lock.ts";
import { locateComponentForImage } from "../components/locate-component.ts";
import { buildPaths, type ClusterPaths } from "../core/paths.ts";
import { parseKubeconfig } from "../kubeconfig/parse-kubeconfig.ts";
import { createRunner } from "../runner/run-runner.ts";
import type { RunnerOptions } from "../runner/types.ts";
import { createHostRuntime } from "../runtime/create-host-runtime.ts";
import type { System } from "../system/system.ts";
import { readOwnVersion } from "./package-root.ts";
import { readRunnerConfig } from "./read-runner-config.ts";
import { createRenewal } from "./renew-certificates.ts";

/**
 * Runs the static pod runner of a root in the foreground until it is stopped or `signal` aborts; pods go on then.
 * Raises SLIPWAY_CONFIG_INVALID, SLIPWAY_FILE_ACCESS and SLIPWAY_RUNNER_RUNNING.
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
  await withLock(system, {
    root: options.root,
    command: "runner",
    work: async () => {
      const runner = await createRunner(system, await buildOptions(system, paths));
      options.onReload(() => runner.reload());
      options.signal.addEventListener("abort", () => void runner.stop({ pods: false }), { once: true });
      await runner.done;
    },
  });
}

async function buildOptions(system: System, paths: ClusterPaths): Promise<RunnerOptions> {
  const { kubelet, runner } = await readRunnerConfig(system, paths);
  const version = readOwnVersion();
  const { componentDir, kubeconfig } = runner;
  return {
    root: paths.root,
    kubelet,
    nodeName: runner.nodeName,
    nodeIp: runner.nodeIP,
    nodeLabels: {},
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
