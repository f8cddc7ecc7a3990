import { join } from "node:path";
import type { ControlPlaneComponent } from "../core/constants.ts";
import { hardeningPaths } from "../core/paths.ts";
import { KUBECONFIG_NAMES } from "../kubeconfig/types.ts";
import { CERTIFICATE_NAMES } from "../pki/types.ts";
import { listEtcdCopies } from "./hardening-steps.ts";
import type { PlanInput } from "./phase.ts";
import { certificatePaths } from "./phases/certs.ts";
import { kubeconfigPath } from "./phases/kubeconfig.ts";

/**
 * The certificates, keys and kubeconfigs that a component is given by a flag and reads once, when it starts: when one
 * changes it has to be restarted. Source: kubeadm cmd/certs.go newCmdCertsRenewal, which asks for that.
 */
export function listLoadedFiles(input: PlanInput, component: ControlPlaneComponent): readonly string[] {
  const { config, paths } = input;
  const manifest = input.manifests.find((candidate) => candidate.component === component);
  const certificates = CERTIFICATE_NAMES.map((name) => certificatePaths(config, name));
  const made = [
    ...certificates.flatMap(({ certPath, keyPath }) => [certPath, keyPath]),
    ...["sa.key", "sa.pub"].map((name) => join(config.cluster.certificatesDir, name)),
    ...KUBECONFIG_NAMES.map((name) => kubeconfigPath(paths, name)),
    ...Object.values(hardeningPaths(config.root)),
    ...listEtcdCopies({ root: config.root, certificatesDir: config.cluster.certificatesDir }).map(
      ({ path }) => path,
    ),
  ];
  return selectLoaded(manifest?.text ?? "", made);
}

/** Which of these files a manifest's program is given and reads once. */
export function selectLoaded(manifest: string, paths: readonly string[]): readonly string[] {
  const text = manifest.replaceAll(RELOADED, "");
  return paths.filter((path) => text.includes(`=${path}`));
}

/** What it serves with is read anew when it changes. Source: apiserver pkg/server/options/serving.go ApplyTo. */
const RELOADED = /--tls-(?:cert|private-key)-file=.*/g;
