import { join } from "node:path";
import type { ClusterPaths } from "../../core/paths.ts";
import { buildKubeconfigs } from "../../kubeconfig/kubeconfig-list.ts";
import { KUBECONFIG_NAMES, type KubeconfigName } from "../../kubeconfig/types.ts";
import { directoryStep } from "../directory-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths, certificateStepId } from "./certs.ts";

/** The five kubeconfigs under /etc/kubernetes. */
export const kubeconfigPhase: Phase = {
  name: "kubeconfig",
  short: "Kubeconfig files",
  phases: KUBECONFIG_NAMES.map((name) => ({
    name,
    short: `The file ${name}.conf`,
    plan: (input) => [
      directoryStep({ phase: "kubeconfig", path: input.paths.kubernetesDir, mode: 0o755 }),
      kubeconfigStep(input, name),
      ...(name === "admin" ? copySteps(input) : []),
    ],
  })),
};

function kubeconfigStep({ config, paths }: PlanInput, name: KubeconfigName): Step {
  const spec = buildKubeconfigs(config).find((candidate) => candidate.name === name);
  if (spec === undefined) throw new Error(`no kubeconfig ${name}`);
  const ca = certificatePaths(config, "ca");
  const path = kubeconfigPath(paths, name);
  return {
    kind: "kubeconfig",
    id: kubeconfigStepId(name),
    phase: "kubeconfig",
    title: `write ${path}`,
    needs: [`dir:${paths.kubernetesDir}`, certificateStepId("ca")],
    path,
    spec,
    caCertPath: ca.certPath,
    caKeyPath: ca.keyPath,
    external: config.externalAuthorities.includes("ca"),
  };
}

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
