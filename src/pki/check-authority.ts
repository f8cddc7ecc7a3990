import { checkCertificate } from "./check-certificate.ts";
import type { ExistingCertificate } from "./existing-certificate.ts";
import type { CertificateSpec } from "./types.ts";

/**
 * Returns when a CA can sign now; raises the first reason why not: SLIPWAY_CERT_UNREADABLE, SLIPWAY_CERT_EXPIRED,
 * SLIPWAY_CERT_WRONG_PURPOSE, SLIPWAY_CERT_KEY_MISSING, SLIPWAY_CERT_KEY_MISMATCH. Of several certificates in a file the
 * first is meant.
 */
export function checkAuthority(authority: Omit<ExistingCertificate, "spec" | "caPem">): void {
  checkCertificate({ ...authority, caPem: undefined, spec: ANY_CA });
}

/** Of a CA's names and keys nothing is asked. */
const ANY_CA: CertificateSpec = {
  subject: { commonName: "", organizations: [] },
  isCa: true,
  usages: [],
  dnsNames: [],
  ipAddresses: [],
  algorithm: "ECDSA-P256",
  validityMs: 0,
};
