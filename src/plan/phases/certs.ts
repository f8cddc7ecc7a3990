import { join } from "node:path";
import type { InitConfig } from "../../config/types.ts";
import { buildClusterCertificates } from "../../pki/certificate-list.ts";
import { CERTIFICATE_NAMES, type CertificateName, type ClusterCertificate } from "../../pki/types.ts";
import { directoryStep } from "../directory-step.ts";
import { manifestStepId } from "../manifest-step.ts";
import type { Phase, PlanInput } from "../phase.ts";
import type { Step } from "../types.ts";

/** etcd's come first, so that it can start while the others are made. */
const IN_ORDER: readonly CertificateName[] = [
  ...CERTIFICATE_NAMES.filter((name) => name.startsWith("etcd/")),
  ...CERTIFICATE_NAMES.filter((name) => !name.startsWith("etcd/")),
];

const AFTER_ETCD_STARTS = [manifestStepId("etcd")];

/** All certificates and keys under the certificates directory. */
export const certsPhase: Phase = {
  name: "certs",
  short: "Certificates and keys",
  phases: [
    ...IN_ORDER.map((name) => ({
      name: name.replace("/", "-"),
      short: `The certificate ${name}.crt and its key`,
      plan: ({ config }: PlanInput) => [directoryOf(config), ...certificateSteps(config, name)],
    })),
    {
      name: "sa",
      short: "The keys that sign service account tokens",
      plan: ({ config }) => [directoryOf(config), serviceAccountStep(config)],
    },
  ],
};

function directoryOf({ cluster }: InitConfig): Step {
  return directoryStep({ phase: "certs", path: deepestDir(cluster), mode: 0o755 });
}

/** With an etcd of others nothing lies below the certificates directory. */
function deepestDir({ certificatesDir, externalEtcd }: InitConfig["cluster"]): string {
  return externalEtcd === undefined ? join(certificatesDir, "etcd") : certificatesDir;
}

/** Nothing for a certificate of etcd's when others run it. */
function certificateSteps(config: InitConfig, name: CertificateName): readonly Step[] {
  const certificate = buildClusterCertificates(config).find((candidate) => candidate.name === name);
  return certificate === undefined ? [] : [certificateStep(config, certificate)];
}

function certificateStep(config: InitConfig, certificate: ClusterCertificate): Step {
  const { name, signer, spec } = certificate;
  return {
    kind: "certificate",
    id: certificateStepId(name),
    phase: "certs",
    title: `${signer === undefined ? "make" : "sign"} ${certificatePaths(config, name).certPath}`,
    needs: [
      `dir:${deepestDir(config.cluster)}`,
      ...(signer === undefined ? [] : [certificateStepId(signer)]),
    ],
    ...(name.startsWith("etcd/") ? {} : { after: AFTER_ETCD_STARTS }),
    ...certificatePaths(config, name),
    signer: signer === undefined ? undefined : certificatePaths(config, signer),
    spec,
    external: config.externalAuthorities.some((authority) => authority === (signer ?? name)),
  };
}

function serviceAccountStep(config: InitConfig): Step {
  const keyPath = join(config.cluster.certificatesDir, "sa.key");
  return {
    kind: "service-account-keys",
    id: "certs/sa",
    phase: "certs",
    title: `make ${keyPath}`,
    needs: [`dir:${deepestDir(config.cluster)}`],
    after: AFTER_ETCD_STARTS,
    keyPath,
    pubPath: join(config.cluster.certificatesDir, "sa.pub"),
    algorithm: config.cluster.encryptionAlgorithm,
  };
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
