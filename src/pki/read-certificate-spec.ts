import type { X509Certificate } from "node:crypto";
import type { EncryptionAlgorithm } from "../config/types.ts";
import { canonicalAddress } from "../core/cidr.ts";
import type { CertificateSpec } from "./types.ts";

/**
 * What a leaf certificate was made from, to make it anew with the same names and purpose; not how long it is valid.
 * Source: kubeadm app/phases/certs/renewal certToConfig.
 */
export function readCertificateSpec(certificate: X509Certificate): Omit<CertificateSpec, "validityMs"> {
  const attributes = certificate.subject.split("\n");
  const valuesOf = (name: string): readonly string[] =>
    attributes.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  const names = certificate.subjectAltName?.split(", ") ?? [];
  const after = (prefix: string): readonly string[] =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const usages = certificate.keyUsage ?? [];
  return {
    subject: { commonName: valuesOf("CN")[0] ?? "", organizations: valuesOf("O") },
    isCa: certificate.ca,
    usages: (["serverAuth", "clientAuth"] as const).filter((usage) => usages.includes(USAGE_IDS[usage])),
    dnsNames: after("DNS:"),
    ipAddresses: after("IP Address:").map((address) => canonicalAddress(address) ?? address),
    algorithm: readAlgorithm(certificate),
  };
}

/** Node calls the extended usages `keyUsage`. Source: RFC 5280 section 4.2.1.12. */
const USAGE_IDS = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

function readAlgorithm({ publicKey }: X509Certificate): EncryptionAlgorithm {
  const { namedCurve, modulusLength = 2048 } = publicKey.asymmetricKeyDetails ?? {};
  if (namedCurve !== undefined) return namedCurve === "secp384r1" ? "ECDSA-P384" : "ECDSA-P256";
  if (modulusLength >= 4096) return "RSA-4096";
  return modulusLength >= 3072 ? "RSA-3072" : "RSA-2048";
}
