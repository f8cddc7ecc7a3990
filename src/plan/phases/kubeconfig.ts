import { join } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import { buildKubeconfigs } from "../../kubeconfig/kubeconfig-list.ts";
import type { KubeconfigName } from "../../kubeconfig/types.ts";
import { directoryStep } from "../directory-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths, certificateStepId } from "./certs.ts";

/** The five kubeconfigs under /etc/kubernetes. */
export const kubeconfigPhase: Phase = {
  name: "kubeconfig",
  short: "Kubeconfig files",
  plan: (input) => [
    directoryStep({ phase: "kubeconfig", path: input.paths.kubernetesDir, mode: 0o755 }),
    ...buildKubeconfigs(input.config).map((spec) => {
      const ca = certificatePaths(input.config, "ca");
      const path = kubeconfigPath(input.paths, spec.name);
      return {
        kind: "kubeconfig" as const,
        id: kubeconfigStepId(spec.name),
        phase: "kubeconfig",
        title: `write ${path}`,
        needs: [`dir:${input.paths.kubernetesDir}`, certificateStepId("ca")],
        path,
        spec,
        caCertPath: ca.certPath,
        caKeyPath: ca.keyPath,
      };
    }),
    ...copySteps(input),
  ],
};

function copySteps({ paths, kubeconfigFor }: PlanInput): readonly Step[] {
  if (kubeconfigFor === undefined) return [];
  const { uid, gid, homeDir } = kubeconfigFor;
  const path = join(homeDir, ".kube/config");
  return [
    {
      kind: "copy-kubeconfig",
      id: "kubeconfig/user",
      phase: "kubeconfig",
      title: `write ${path}`,
      needs: [kubeconfigStepId("admin")],
      from: kubeconfigPath(paths, "admin"),
      path,
      uid,
      gid,
    },
  ];
}

/** The id of the step that writes a kubeconfig. */
export function kubeconfigStepId(name: KubeconfigName): string {
  return `kubeconfig/${name}`;
}

/** Where a kubeconfig lies. */
export function kubeconfigPath(paths: ClusterPaths, name: KubeconfigName): string {
  return join(paths.kubernetesDir, `${name}.conf`);
}
