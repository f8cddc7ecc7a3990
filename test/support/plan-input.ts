import { join } from "node:path";
import type { InitConfig } from "../../src/config/types.ts";
import { buildPaths } from "../../src/core/paths.ts";
import { buildManifests } from "../../src/manifests/build-manifests.ts";
import { healthUrls } from "../../src/manifests/component-ports.ts";
import type { PlanInput } from "../../src/plan/phase.ts";
import { formatRunnerConfig } from "../../src/plan/runner-config.ts";
import { sampleInitConfig } from "./init-config.ts";
import { resolveText } from "./manifest-inputs.ts";

/** What init plans from for this configuration. */
async function planInputOf(
  config: InitConfig,
  changes: Partial<Pick<PlanInput, "kubeconfigFor" | "runtime" | "service">> = {},
): Promise<PlanInput> {
  const paths = buildPaths({ root: config.root, uid: 0 });
  return {
    config,
    paths,
    manifests: await buildManifests({ config, caDirs: [] }),
    healthUrls: healthUrls(config),
    runnerConfig: formatRunnerConfig({ config, paths, componentDir: undefined }),
    service: undefined,
    kubeconfigFor: undefined,
    runtime: "host",
    hostName: "node01",
    apiKubeconfigPath: join(paths.kubernetesDir, "super-admin.conf"),
    uploadCerts: false,
    addons: false,
    patches: [],
    ...changes,
  };
}

/** What init plans from on the machine 10.77.0.1 named node01. */
export function samplePlanInput(changes: Partial<InitConfig> = {}): Promise<PlanInput> {
  return planInputOf(sampleInitConfig(changes));
}

/** What init plans from with the defaults under a root; keys are of the kind that is made fastest. */
export function rootedPlanInput(
  root: string,
  changes: Partial<Pick<PlanInput, "kubeconfigFor" | "runtime">> = {},
): Promise<PlanInput> {
  const text =
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nencryptionAlgorithm: ECDSA-P256\n";
  return planInputOf(resolveText(text, root), changes);
}
