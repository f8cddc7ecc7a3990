import { buildWithGo } from "../../src/components/sources/go.ts";
import { createSystem } from "../../src/system/create-system.ts";

/** The real kubeadm of a version: of the cache, else built from its Go module (minutes, once a machine). */
export async function findKubeadm(kubernetesVersion: string): Promise<string> {
  const ignore = (): void => undefined;
  const log = { error: ignore, warn: ignore, info: ignore, debug: ignore };
  const [built] = await buildWithGo(createSystem({ log }), {
    kubernetesVersion,
    names: ["kubeadm"],
    onProgress: ignore,
    onNote: ignore,
  });
  if (built === undefined) throw new Error("kubeadm was not built");
  return built.path;
}
