import { join } from "node:path";
import type { Arg } from "../config/types.ts";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../core/constants.ts";
import type { ClusterPaths } from "../core/paths.ts";
import { parseFlags } from "../manifests/flags.ts";
import type { System } from "../system/system.ts";

/**
 * The flags of the manifests that are there; none of one that is not. A hand-over that was cut off may have left a manifest
 * only where it keeps them.
 */
export async function readManifestFlags(
  system: System,
  { manifestDir, keptManifestDir }: ClusterPaths,
): Promise<Readonly<Record<ControlPlaneComponent, readonly Arg[]>>> {
  const readIn = (dir: string, name: ControlPlaneComponent): Promise<string | undefined> =>
    system.fs.readTextIfExists(join(dir, `${name}.yaml`)).catch(() => "");
  const read = async (name: ControlPlaneComponent): Promise<readonly Arg[]> =>
    parseFlags((await readIn(manifestDir, name)) ?? (await readIn(keptManifestDir, name)));
  const [etcd = [], apiServer = [], manager = [], scheduler = []] = await Promise.all(
    CONTROL_PLANE_COMPONENTS.map(read),
  );
  return {
    etcd,
    "kube-apiserver": apiServer,
    "kube-controller-manager": manager,
    "kube-scheduler": scheduler,
  };
}
