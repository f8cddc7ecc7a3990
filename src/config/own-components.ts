import { CONTROL_PLANE_COMPONENTS, type ControlPlaneComponent } from "../core/constants.ts";
import type { ClusterSettings } from "./types.ts";

/** The components that this machine runs, in start order: all, or without etcd when others run it. */
export function ownComponents(cluster: ClusterSettings): readonly ControlPlaneComponent[] {
  if (cluster.externalEtcd === undefined) return CONTROL_PLANE_COMPONENTS;
  return CONTROL_PLANE_COMPONENTS.filter((component) => component !== "etcd");
}
