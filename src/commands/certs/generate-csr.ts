import { dirname, join } from "node:path";
import { refuseForeignRoot } from "../../apply/refuse-foreign-root.ts";
import { parseInitConfig } from "../../config/parse-init-config.ts";
import { resolveInitConfig } from "../../config/resolve-init-config.ts";
import { describeFileError, SlipwayError } from "../../core/errors.ts";
import { buildPaths } from "../../core/paths.ts";
import { readMachineFacts } from "../../facts/read-machine-facts.ts";
import { formatRequestKubeconfig } from "../../kubeconfig/format-kubeconfig.ts";
import { buildKubeconfigs } from "../../kubeconfig/kubeconfig-list.ts";
import { buildClusterCertificates } from "../../pki/certificate-list.ts";
import { issueCertificateRequest } from "../../pki/issue.ts";
import type { CertificateSpec } from "../../pki/types.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";
import { readConfig } from "../read-config.ts";

/** A request and what holds its key. */
interface Target {
  readonly requestPath: string;
  readonly keyPath: string;
  readonly spec: CertificateSpec;
  /** The text of the file that holds the key. */
  readonly formatKey: (keyPem: string) => string;
}

/**
 * Makes a key and a signing request for every certificate and kubeconfig of a control plane, for CAs that are kept
 * elsewhere; gives the requests' paths. Nothing is written when one of the files is there.
 * Raises SLIPWAY_EXTERNAL_CA then, SLIPWAY_FOREIGN_ROOT, SLIPWAY_FILE_ACCESS, and what reading the configuration raises.
 * Source: kubeadm cmd/certs.go runGenCSR, phases/kubeconfig CreateDefaultKubeConfigsAndCSRFiles.
 */
export async function runGenerateCsr(
  system: System,
  options: {
    readonly root: string;
    readonly configPath: string | undefined;
    readonly certDir: string | undefined;
    readonly kubeconfigDir: string | undefined;
  },
): Promise<readonly string[]> {
  const { root, certDir, kubeconfigDir } = options;
  // The components of another user could not read the keys.
  if (certDir === undefined || kubeconfigDir === undefined) await refuseForeignRoot(system, root);
  const targets = await listTargets(system, options);
  await refuseExisting(system, targets);
  for (const target of targets) await writeTarget(system, target);
  return targets.map(({ requestPath }) => requestPath);
}

async function listTargets(
  system: System,
  options: Parameters<typeof runGenerateCsr>[1],
): Promise<readonly Target[]> {
  const { root, configPath: path } = options;
  const text = path === undefined ? undefined : await readConfig(system, path);
  const machine = await readMachineFacts(system);
  const { config } = resolveInitConfig({
    requested: parseInitConfig({ text, path }).config,
    root,
    ...machine,
  });
  const certDir = options.certDir ?? config.cluster.certificatesDir;
  const kubeconfigDir = options.kubeconfigDir ?? buildPaths({ root, uid: system.host.uid }).kubernetesDir;
  const certificates = buildClusterCertificates(config).filter(({ signer }) => signer !== undefined);
  return [
    ...certificates.map(({ name, spec }) => {
      const base = join(certDir, name);
      return {
        requestPath: `${base}.csr`,
        keyPath: `${base}.key`,
        spec,
        formatKey: (keyPem: string) => keyPem,
      };
    }),
    ...buildKubeconfigs(config).map((spec) => {
      const keyPath = join(kubeconfigDir, `${spec.name}.conf`);
      const formatKey = (keyPem: string): string => formatRequestKubeconfig({ spec, keyPem });
      return { requestPath: `${keyPath}.csr`, keyPath, spec: spec.certificate, formatKey };
    }),
  ];
}

async function refuseExisting(system: System, targets: readonly Target[]): Promise<void> {
  const paths = targets.flatMap(({ keyPath, requestPath }) => [keyPath, requestPath]);
  for (const path of paths) {
    if ((await system.fs.lstat(path)) === undefined) continue;
    throw new SlipwayError({
      code: "SLIPWAY_EXTERNAL_CA",
      what: "no requests were made",
      why: `${path} is there already, and a new key would not fit what was signed for it`,
      fix: `move it away (mv ${path} ${path}.old), or choose other directories: --cert-dir, --kubeconfig-dir`,
    });
  }
}

async function writeTarget(system: System, target: Target): Promise<void> {
  const { requestPath, keyPath, spec, formatKey } = target;
  const { subject, algorithm } = spec;
  const { requestPem, keyPem } = await issueCertificateRequest({ subject, algorithm, names: spec });
  try {
    await makeDirs(system, { path: dirname(keyPath), mode: 0o755 });
    await system.fs.writeAtomic(keyPath, { data: formatKey(keyPem), mode: 0o600 });
    await system.fs.writeAtomic(requestPath, { data: requestPem, mode: 0o600 });
  } catch (error) {
    throw describeFileError(error, { action: "write the request", path: requestPath });
  }
}
