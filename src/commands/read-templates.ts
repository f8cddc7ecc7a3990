import { join } from "node:path";
import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../core/constants.ts";
import type { System } from "../system/system.ts";
import { findPackageRoot } from "./package-root.ts";

/** The text of each component's manifest template. */
export async function readTemplates(
  system: System,
): Promise<Readonly<Record<ControlPlaneComponent, string>>> {
  const dir = join(findPackageRoot(), "templates");
  const read = (component: ControlPlaneComponent): Promise<string> =>
    system.fs.readText(join(dir, `${component}.yaml.hbs`));
  const [etcd, apiServer, controllerManager, scheduler] = await Promise.all([
    read(CONTROL_PLANE_COMPONENTS[0]),
    read(CONTROL_PLANE_COMPONENTS[1]),
    read(CONTROL_PLANE_COMPONENTS[2]),
    read(CONTROL_PLANE_COMPONENTS[3]),
  ]);
  return {
    etcd,
    "kube-apiserver": apiServer,
    "kube-controller-manager": controllerManager,
    "kube-scheduler": scheduler,
  };
}
