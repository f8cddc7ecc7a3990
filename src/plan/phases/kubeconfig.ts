import { join } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import { buildKubeconfigs } from "../../kubeconfig/kubeconfig-list.ts";
import type { KubeconfigName } from "../../kubeconfig/types.ts";
import { directoryStep } from "../directory-step.ts";
import type { Phase } from "../phase.ts";
import { certificatePaths, certificateStepId } from "./certs.ts";

/** The five kubeconfigs under /etc/kubernetes. */
export const kubeconfigPhase: Phase = {
  name: "kubeconfig",
  short: "Kubeconfig files for the administrator, the node and the components",
  plan: ({ config, paths }) => [
    directoryStep({ phase: "kubeconfig", path: paths.kubernetesDir, mode: 0o755 }),
    ...buildKubeconfigs(config).map((spec) => {
      const ca = certificatePaths(config, "ca");
      const path = kubeconfigPath(paths, spec.name);
      return {
        kind: "kubeconfig" as const,
        id: kubeconfigStepId(spec.name),
        phase: "kubeconfig",
        title: `write ${path}`,
        needs: [`dir:${paths.kubernetesDir}`, certificateStepId("ca")],
        path,
        spec,
        caCertPath: ca.certPath,
        caKeyPath: ca.keyPath,
      };
    }),
  ],
};

/** The id of the step that writes a kubeconfig. */
export function kubeconfigStepId(name: KubeconfigName): string {
  return `kubeconfig/${name}`;
}

/** Where a kubeconfig lies. */
export function kubeconfigPath(paths: ClusterPaths, name: KubeconfigName): string {
  return join(paths.kubernetesDir, `${name}.conf`);
}
