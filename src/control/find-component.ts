import type { ControlPlaneComponent } from "../core/constants.ts";
import type { PodReport } from "./protocol.ts";

/** The pod of a control plane component, by the label and the namespace that kubeadm's manifests give it. */
export function findComponent(
  reports: readonly PodReport[],
  component: ControlPlaneComponent,
): PodReport | undefined {
  return reports.find(
    ({ pod: { metadata } }) =>
      metadata.labels?.["component"] === component && metadata.namespace === "kube-system",
  );
}
