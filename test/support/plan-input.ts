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

const FAST_KEYS =
  "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nencryptionAlgorithm: ECDSA-P256\n";

/** What init plans from with the defaults under a root; keys are of the kind that is made fastest. */
export function rootedPlanInput(
  root: string,
  changes: Partial<Pick<PlanInput, "kubeconfigFor" | "runtime">> = {},
): Promise<PlanInput> {
  return planInputOf(resolveText(FAST_KEYS, root), changes);
}

/** The same with all that a profile and a kubeconfig for who called sudo add; etcd and that user are this user. */
export function hardenedPlanInput(root: string): Promise<PlanInput> {
  const account = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const profile = "apiVersion: slipway.dev/v1\nkind: SlipwayConfiguration\nprofile: cis\n";
  const config = { ...resolveText(`${FAST_KEYS}---\n${profile}`, root), etcdAccount: account };
  return planInputOf(config, { kubeconfigFor: { ...account, homeDir: join(root, "home") } });
}
