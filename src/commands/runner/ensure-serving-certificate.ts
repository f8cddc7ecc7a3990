import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { writePair } from "../../apply/write-pair.ts";
import { canonicalAddress } from "../../core/cidr.ts";
import { CERTIFICATE_VALIDITY_MS } from "../../core/constants.ts";
import { describeFileError, SlipwayError } from "../../core/errors.ts";
import { isSelfSigned } from "../../pki/is-self-signed.ts";
import { issueCertificate } from "../../pki/issue.ts";
import type { CertificateSpec } from "../../pki/types.ts";
import type { KubeletConfiguration } from "../../runner/types.ts";
import { makeDirs } from "../../system/directories.ts";
import type { System } from "../../system/system.ts";

/**
 * The configuration with a certificate to serve the kubelet API with. Where it names none that is kubelet.crt with
 * kubelet.key in `certDir`, which is made, signed by itself, when it is not there or has ended. Raises
 * SLIPWAY_CERT_KEY_MISSING when only one of the two is there, and SLIPWAY_FILE_ACCESS.
 * Source: cmd/kubelet/app/server.go InitializeTLS.
 */
export async function ensureServingCertificate(
  system: Pick<System, "fs" | "clock" | "random">,
  options: {
    readonly kubelet: KubeletConfiguration;
    readonly certDir: string;
    readonly nodeName: string;
    readonly nodeIp: string;
  },
): Promise<KubeletConfiguration> {
  const { kubelet, certDir } = options;
  const isNamed = kubelet.tlsCertFile !== undefined || kubelet.tlsPrivateKeyFile !== undefined;
  if (!kubelet.enableServer || isNamed) return kubelet;
  const files = { certPath: join(certDir, "kubelet.crt"), keyPath: join(certDir, "kubelet.key") };
  try {
    if (!(await hasPair(system, files))) {
      const spec = describeServing(options);
      const pair = await issueCertificate({ spec, nowMs: system.clock.nowMs() });
      await makeDirs(system, { path: certDir, mode: 0o700 });
      await writePair(system, { ...files, pair });
    }
  } catch (error) {
    throw describeFileError(error, { action: "keep a serving certificate in", path: certDir });
  }
  return { ...kubelet, tlsCertFile: files.certPath, tlsPrivateKeyFile: files.keyPath };
}

/** Whether there is a pair that can stay: one of somebody else's, or one that has not ended. */
async function hasPair(
  system: Pick<System, "fs" | "clock">,
  { certPath, keyPath }: { readonly certPath: string; readonly keyPath: string },
): Promise<boolean> {
  const [certPem, keyPem] = await Promise.all(
    [certPath, keyPath].map((path) => system.fs.readTextIfExists(path)),
  );
  if (certPem === undefined && keyPem === undefined) return false;
  if (certPem === undefined || keyPem === undefined) {
    const [there, missing] = certPem === undefined ? [keyPath, certPath] : [certPath, keyPath];
    throw new SlipwayError({
      code: "SLIPWAY_CERT_KEY_MISSING",
      what: "the kubelet API cannot be served",
      why: `${there} is there, but ${missing} is not`,
      fix: `put ${missing} back, or move the other away (mv ${there} ${there}.old): both are made anew`,
    });
  }
  const certificate = parse(certPem);
  return certificate !== undefined && !hasEnded(certificate, system.clock.nowMs());
}

function hasEnded(certificate: X509Certificate, nowMs: number): boolean {
  return isSelfSigned(certificate) && nowMs > Date.parse(certificate.validTo);
}

/** Undefined for what is no certificate: a power cut may have left that. */
function parse(certPem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certPem);
  } catch {
    return undefined;
  }
}

function describeServing(node: { readonly nodeName: string; readonly nodeIp: string }): CertificateSpec {
  const names = [node.nodeName, node.nodeIp];
  const addresses = names.map(canonicalAddress).filter((address) => address !== undefined);
  return {
    subject: { commonName: node.nodeName, organizations: [] },
    isCa: false,
    usages: ["serverAuth"],
    dnsNames: names.filter((name) => canonicalAddress(name) === undefined),
    ipAddresses: [...new Set(addresses)],
    algorithm: "ECDSA-P256",
    validityMs: CERTIFICATE_VALIDITY_MS,
  };
}
