import type { X509Certificate } from "node:crypto";
import { canonicalAddress } from "../core/cidr.ts";
import { describeCertificateFault } from "./describe-certificate-fault.ts";
import type { ExistingCertificate } from "./existing-certificate.ts";

const USAGE_IDS = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;
const ANY_USAGE_ID = "2.5.29.37.0";

/**
 * Raises SLIPWAY_CERT_WRONG_PURPOSE. A certificate without extended key usages is good for all. Source: RFC 5280
 * section 4.2.1.12.
 */
export function checkPurpose(certificate: X509Certificate, existing: ExistingCertificate): void {
  const { spec } = existing;
  if (certificate.ca !== spec.isCa) {
    throw describeCertificateFault(existing, { kind: spec.isCa ? "no-ca-flag" : "ca-flag" });
  }
  // Node's types leave out that keyUsage is undefined for a certificate without the extension.
  const allowed = certificate.keyUsage as readonly string[] | undefined;
  if (allowed !== undefined && !allowed.includes(ANY_USAGE_ID)) {
    const usage = spec.usages.find((wanted) => !allowed.includes(USAGE_IDS[wanted]));
    if (usage !== undefined) throw describeCertificateFault(existing, { kind: "usage", usage });
  }
  if (!spec.isCa && !spec.usages.includes("serverAuth")) checkSubject(certificate, existing);
}

/** A client is known by its subject. */
function checkSubject(certificate: X509Certificate, existing: ExistingCertificate): void {
  const { subject } = existing.spec;
  const lines = certificate.subject.split("\n");
  const wanted = [`CN=${subject.commonName}`, ...subject.organizations.map((name) => `O=${name}`)];
  const missing = wanted.find((line) => !lines.includes(line));
  if (missing === undefined) return;
  throw describeCertificateFault(existing, { kind: "subject", missing, found: lines.join(", ") });
}

/**
 * Raises SLIPWAY_CERT_SAN_MISSING with every name that the certificate lacks; a wildcard covers the names that it
 * matches.
 */
export function checkNames(certificate: X509Certificate, existing: ExistingCertificate): void {
  const { spec } = existing;
  if (spec.isCa) return;
  const entries = (certificate.subjectAltName ?? "").split(", ");
  const names = entries
    .filter((entry) => entry.startsWith("DNS:"))
    .map((entry) => entry.slice(4).toLowerCase());
  const addresses = entries
    .filter((entry) => entry.startsWith("IP Address:"))
    .map((entry) => canonicalAddress(entry.slice(11)));
  const missing = [
    ...spec.dnsNames.filter((name) => !names.includes(name.toLowerCase()) && !hostMatches(certificate, name)),
    ...spec.ipAddresses.filter((address) => !addresses.includes(address)),
  ];
  if (missing.length > 0) throw describeCertificateFault(existing, { kind: "names", missing });
}

/** Whether one of the certificate's wildcard names covers a name. */
function hostMatches(certificate: X509Certificate, name: string): boolean {
  return certificate.checkHost(name, { subject: "never" }) !== undefined;
}
