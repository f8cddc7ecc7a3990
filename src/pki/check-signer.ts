import type { X509Certificate } from "node:crypto";
import { describeCertificateFault } from "./describe-certificate-fault.ts";
import type { ExistingCertificate } from "./existing-certificate.ts";
import { parseFirstCertificate } from "./parse-pem.ts";

/**
 * Raises SLIPWAY_CERT_WRONG_CA when no chain leads from a certificate to the CA. Source: kubeadm app/util/pkiutil
 * VerifyCertChain.
 */
export function checkSigner(
  chain: { readonly certificate: X509Certificate; readonly intermediates: readonly X509Certificate[] },
  existing: ExistingCertificate,
): void {
  const root = existing.caPem === undefined ? undefined : parseFirstCertificate(existing.caPem);
  if (root === undefined) throw describeCertificateFault(existing, { kind: "no-ca" });
  let current: X509Certificate | undefined = chain.certificate;
  const rest = [...chain.intermediates];
  while (current !== undefined) {
    const link: X509Certificate = current;
    if (isSignedBy(link, root)) return;
    const index = rest.findIndex((candidate) => isSignedBy(link, candidate));
    current = index === -1 ? undefined : rest.splice(index, 1)[0];
  }
  const { issuer } = chain.certificate;
  throw describeCertificateFault(existing, { kind: "wrong-ca", issuer, ca: root.subject });
}

function isSignedBy(certificate: X509Certificate, signer: X509Certificate): boolean {
  return certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
}
