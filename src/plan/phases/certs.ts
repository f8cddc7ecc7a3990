import { dirname, join } from "node:path";
import type { InitConfig } from "../../config/types.ts";
import { buildClusterCertificates } from "../../pki/certificate-list.ts";
import type { CertificateName, ClusterCertificate } from "../../pki/types.ts";
import { directoryStep } from "../directory-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";

/** All certificates and keys under the certificates directory, and the runner's own serving pair. */
export const certsPhase: Phase = {
  name: "certs",
  short: "Certificates and keys",
  plan: (input) => [
    directoryStep({ phase: "certs", path: join(input.config.cluster.certificatesDir, "etcd"), mode: 0o755 }),
    ...etcdFirst(buildClusterCertificates(input.config)).map((certificate) =>
      certificateStep(input.config, certificate),
    ),
    serviceAccountStep(input.config),
    ...(input.runtime === "host" ? servingSteps(input) : []),
  ],
};

/** etcd's come first, so that it can start while the others are made. */
function etcdFirst(certificates: readonly ClusterCertificate[]): readonly ClusterCertificate[] {
  const isEtcd = (certificate: ClusterCertificate): boolean => certificate.name.startsWith("etcd/");
  return [...certificates.filter(isEtcd), ...certificates.filter((certificate) => !isEtcd(certificate))];
}

function certificateStep(config: InitConfig, certificate: ClusterCertificate): Step {
  const { name, signer, spec } = certificate;
  return {
    kind: "certificate",
    id: certificateStepId(name),
    phase: "certs",
    title: `${signer === undefined ? "make" : "sign"} ${certificatePaths(config, name).certPath}`,
    needs: [
      `dir:${join(config.cluster.certificatesDir, "etcd")}`,
      ...(signer === undefined ? [] : [certificateStepId(signer)]),
    ],
    ...certificatePaths(config, name),
    signer: signer === undefined ? undefined : certificatePaths(config, signer),
    spec,
  };
}

function serviceAccountStep(config: InitConfig): Step {
  const keyPath = join(config.cluster.certificatesDir, "sa.key");
  return {
    kind: "service-account-keys",
    id: "certs/sa",
    phase: "certs",
    title: `make ${keyPath}`,
    needs: [`dir:${join(config.cluster.certificatesDir, "etcd")}`],
    keyPath,
    pubPath: join(config.cluster.certificatesDir, "sa.pub"),
    algorithm: config.cluster.encryptionAlgorithm,
  };
}

/** The runner serves the kubelet API with a certificate of the cluster's CA, so that API servers may verify it. */
function servingSteps({ config, paths }: PlanInput): readonly Step[] {
  const dir = dirname(paths.servingCertPath);
  return [
    directoryStep({ phase: "certs", path: dir, mode: 0o700 }),
    {
      kind: "certificate",
      id: "certs/runner-serving",
      phase: "certs",
      title: `sign ${paths.servingCertPath}`,
      needs: [`dir:${dir}`, certificateStepId("ca")],
      certPath: paths.servingCertPath,
      keyPath: paths.servingKeyPath,
      signer: certificatePaths(config, "ca"),
      spec: {
        subject: { commonName: `system:node:${config.nodeName}`, organizations: ["system:nodes"] },
        isCa: false,
        usages: ["serverAuth"],
        dnsNames: [config.nodeName],
        ipAddresses: [config.advertiseAddress],
        algorithm: config.cluster.encryptionAlgorithm,
        validityMs: config.cluster.certificateValidityMs,
      },
    },
  ];
}

/** The id of the step that makes one of kubeadm's certificates. */
export function certificateStepId(name: CertificateName): string {
  return `certs/${name}`;
}

/** Where a certificate and its key lie. */
export function certificatePaths(
  config: InitConfig,
  name: CertificateName,
): { readonly certPath: string; readonly keyPath: string } {
  const base = join(config.cluster.certificatesDir, name);
  return { certPath: `${base}.crt`, keyPath: `${base}.key` };
}
