import { buildWithGo } from "../../../src/components/sources/go.ts";
import type { BinaryName } from "../../../src/components/types.ts";
import { createSystem } from "../../../src/system/create-system.ts";
import type { System } from "../../../src/system/system.ts";

/** The release that tests compare with. */
export const KUBEADM_VERSION = "v1.37.2";

/** How long it may take to build kubeadm when it is in no cache. */
export const BUILD_TIMEOUT_MS = 1_200_000;

/** The machine, without a log. */
export function openQuietSystem(): System {
  const ignore = (): void => undefined;
  return createSystem({ log: { error: ignore, warn: ignore, info: ignore, debug: ignore } });
}

/** The path of a real kubeadm: from the component cache, else built. */
export function findKubeadm(kubernetesVersion = KUBEADM_VERSION): Promise<string> {
  return findTool("kubeadm", kubernetesVersion);
}

/** Kubernetes' own tests of a cluster that kubeadm has made, as a program. */
export function findKubeadmTests(): Promise<string> {
  return findTool("e2e_kubeadm.test", KUBEADM_VERSION);
}

async function findTool(name: BinaryName, kubernetesVersion: string): Promise<string> {
  const [built] = await buildWithGo(openQuietSystem(), {
    kubernetesVersion,
    names: [name],
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  if (built === undefined) throw new Error(`${name} was not built`);
  return built.path;
}
