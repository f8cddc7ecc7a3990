import { dirname, join } from "node:path";
import type { ComponentFields } from "../../config/component-document.ts";
import { formatKubeletFiles } from "../../config/format-kubelet-files.ts";
import type { InitConfig } from "../../config/types.ts";
import { applyPatches } from "../../manifests/patches/apply-patches.ts";
import { buildCaSpec, buildServingSpec } from "../../pki/certificate-spec.ts";
import { directoryStep } from "../directory-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";
import { certificatePaths, certificateStepId } from "./certs.ts";

const NAME = "kubelet-start";

/** Writes what a kubelet of this machine reads, and starts the runner on the manifest directory in its place. */
export const kubeletStartPhase: Phase = {
  name: NAME,
  short: "Start the static pod runner",
  plan: (input) => [
    ...(input.runtime === "host" ? [...servingSteps(input), ...runnerSteps(input)] : []),
    ...kubeletSteps(input),
  ],
};

/** The id of the step after which a runner answers. */
export const RUNNER_STEP_ID = "runner";

/** Source: kubeadm phases/kubelet/config.go, flags.go: modes and names; CIS 4.1.9: the mode with its profile. */
function kubeletSteps({ config, paths, hostName, patches }: PlanInput): readonly Step[] {
  const dir = paths.kubeletDir;
  const patch = (document: ComponentFields): ComponentFields =>
    applyPatches(document, { target: "kubeletconfiguration", patches });
  const files = formatKubeletFiles(config, { staticPodPath: paths.manifestDir, hostName, patch });
  return [
    directoryStep({ phase: NAME, path: dir, mode: 0o700 }),
    ...files.map(({ name, text }) => ({
      kind: "file" as const,
      id: `kubelet/${name}`,
      phase: NAME,
      title: `write ${join(dir, name)}`,
      needs: [`dir:${dir}`],
      path: join(dir, name),
      mode: config.profile === "cis" && name === "config.yaml" ? 0o600 : 0o644,
      content: text,
    })),
  ];
}

function runnerSteps({ paths, runnerConfig, service }: PlanInput): readonly Step[] {
  const privateDirs = [paths.stateDir, dirname(paths.controlSocketPath)];
  const openDirs = [dirname(paths.runnerLogPath), paths.podLogsDir, paths.containerLogsDir];
  return [
    directoryStep({ phase: NAME, path: paths.manifestDir, mode: 0o700 }),
    ...privateDirs.map((path) => directoryStep({ phase: NAME, path, mode: 0o700 })),
    ...openDirs.map((path) => directoryStep({ phase: NAME, path, mode: 0o755 })),
    {
      kind: "file",
      id: "runner-config",
      phase: NAME,
      title: `write ${paths.runnerConfigPath}`,
      needs: [`dir:${paths.stateDir}`],
      path: paths.runnerConfigPath,
      mode: 0o600,
      content: runnerConfig,
    },
    ...(service === undefined
      ? []
      : [
          {
            kind: "file" as const,
            id: "runner-service",
            phase: NAME,
            title: `write ${service.path}`,
            needs: [],
            path: service.path,
            mode: 0o644,
            content: service.content,
          },
        ]),
    {
      kind: "start-runner",
      id: RUNNER_STEP_ID,
      phase: NAME,
      title: `start the runner on ${paths.manifestDir}`,
      needs: [
        "runner-config",
        ...(service === undefined ? [] : ["runner-service"]),
        `dir:${paths.manifestDir}`,
        ...[...privateDirs, ...openDirs].map((path) => `dir:${path}`),
      ],
    },
  ];
}

/** The runner serves the kubelet API with a certificate of the cluster's CA, so that API servers may verify it. */
function servingSteps({ config, paths }: PlanInput): readonly Step[] {
  const dir = dirname(paths.servingCertPath);
  const ownCa = { certPath: join(dir, "ca.crt"), keyPath: join(dir, "ca.key") };
  const external = config.externalAuthorities.includes("ca");
  return [
    directoryStep({ phase: NAME, path: dir, mode: 0o700 }),
    ...(external ? [servingAuthorityStep(config, ownCa)] : []),
    {
      kind: "certificate",
      id: "runner-serving",
      phase: NAME,
      title: `sign ${paths.servingCertPath}`,
      needs: [`dir:${dir}`, external ? SERVING_CA_STEP_ID : certificateStepId("ca")],
      certPath: paths.servingCertPath,
      keyPath: paths.servingKeyPath,
      signer: external ? ownCa : certificatePaths(config, "ca"),
      external: false,
      spec: {
        ...buildServingSpec({
          nodeName: config.nodeName,
          address: config.advertiseAddress,
          algorithm: config.cluster.encryptionAlgorithm,
        }),
        validityMs: config.cluster.certificateValidityMs,
      },
    },
  ];
}

const SERVING_CA_STEP_ID = "runner-ca";

/** Without the key of the cluster's CA the runner's serving certificate needs a CA of its own, as a kubelet's has. */
function servingAuthorityStep(
  config: InitConfig,
  paths: { readonly certPath: string; readonly keyPath: string },
): Step {
  return {
    kind: "certificate",
    id: SERVING_CA_STEP_ID,
    phase: NAME,
    title: `make ${paths.certPath}`,
    needs: [`dir:${dirname(paths.certPath)}`],
    ...paths,
    signer: undefined,
    external: false,
    spec: buildCaSpec({ cluster: config.cluster, commonName: `${config.nodeName}-ca` }),
  };
}
