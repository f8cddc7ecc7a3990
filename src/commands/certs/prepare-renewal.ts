import { readSigner } from "../../apply/read-signer.ts";
import { writePair } from "../../apply/write-pair.ts";
import type { ClusterSettings } from "../../config/types.ts";
import { describeFileError } from "../../core/errors.ts";
import { renewKubeconfig } from "../../kubeconfig/renew-kubeconfig.ts";
import { issueCertificate } from "../../pki/issue.ts";
import { parseCertificates } from "../../pki/parse-pem.ts";
import { readCertificateSpec } from "../../pki/read-certificate-spec.ts";
import type { System } from "../../system/system.ts";
import { readManaged } from "./check-expiration.ts";
import { findSigner, type ManagedCertificate, placeOf } from "./managed-certificates.ts";

/** What is going to become of one certificate. */
export type PreparedRenewal =
  /** `external`: its CA's key is elsewhere. `own`: a kubelet renews it itself. */
  | { readonly outcome: "missing" | "external" | "own" }
  /** The new one is made; `write` raises SLIPWAY_FILE_ACCESS and SLIPWAY_NO_SPACE. */
  | { readonly outcome: "renewed"; readonly write: () => Promise<void> };

/**
 * All that renewing a certificate takes, but for writing it: what the old one says, and a CA that can sign. Raises
 * SLIPWAY_CERT_*, SLIPWAY_KUBECONFIG_INVALID and SLIPWAY_FILE_ACCESS.
 */
export async function prepareRenewal(
  system: System,
  { certificate, cluster }: { readonly certificate: ManagedCertificate; readonly cluster: ClusterSettings },
): Promise<PreparedRenewal> {
  const { file } = certificate;
  const certPem = await readManaged(system, certificate);
  if (certPem === undefined) return { outcome: "missing" };
  const [old] = parseCertificates({ ...placeOf(certificate), certPem });
  const signerFiles = await findSigner(system, { cluster, certificate });
  if ((await system.fs.stat(signerFiles.keyPath)) === undefined) return { outcome: "external" };
  const text = file.kind === "kubeconfig" ? await system.fs.readText(file.path) : "";
  if (file.kind === "kubeconfig" && !text.includes("client-certificate-data:")) return { outcome: "own" };
  const signer = await readSigner(system, signerFiles);
  const { encryptionAlgorithm: algorithm, certificateValidityMs: validityMs } = cluster;
  const pair = await issueCertificate({
    spec: { ...readCertificateSpec(old), algorithm, validityMs },
    signer,
    nowMs: system.clock.nowMs(),
  });
  if (file.kind === "pair") return { outcome: "renewed", write: () => writePair(system, { ...file, pair }) };
  const data = renewKubeconfig(text, { caPem: signer.certPem, keyPair: pair });
  return { outcome: "renewed", write: () => writeKubeconfig(system, { path: file.path, data }) };
}

async function writeKubeconfig(
  system: System,
  { path, data }: { readonly path: string; readonly data: string },
): Promise<void> {
  try {
    await system.fs.writeAtomic(path, { data, mode: 0o600 });
  } catch (error) {
    throw describeFileError(error, { action: "write", path });
  }
}
