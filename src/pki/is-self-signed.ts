import type { X509Certificate } from "node:crypto";

/** Whether a certificate is signed with its own key, so that no CA is needed to make it anew. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey);
}
