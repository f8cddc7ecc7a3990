import { buildWithGo } from "../../../src/components/sources/go.ts";
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
export async function findKubeadm(kubernetesVersion = KUBEADM_VERSION): Promise<string> {
  const [built] = await buildWithGo(openQuietSystem(), {
    kubernetesVersion,
    names: ["kubeadm"],
    onProgress: () => undefined,
    onNote: () => undefined,
  });
  if (built === undefined) throw new Error("kubeadm was not built");
  return built.path;
}
