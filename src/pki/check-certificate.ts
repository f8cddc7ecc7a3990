import { createPublicKey, type X509Certificate } from "node:crypto";
import type { ErrorCode } from "../core/error-codes.ts";
import { SlipwayError } from "../core/errors.ts";
import { checkNames, checkPurpose } from "./check-fitness.ts";
import { checkSigner } from "./check-signer.ts";
import { describeCertificateFault, moveAway } from "./describe-certificate-fault.ts";
import type { ExistingCertificate } from "./existing-certificate.ts";
import { parseCertificates, parsePrivateKey, parsePublicKeys } from "./parse-pem.ts";

/**
 * Returns when an existing certificate can stay in use, raises the first reason why not: SLIPWAY_CERT_UNREADABLE,
 * SLIPWAY_CERT_EXPIRED (also: not valid yet), SLIPWAY_CERT_WRONG_CA, SLIPWAY_CERT_WRONG_PURPOSE,
 * SLIPWAY_CERT_SAN_MISSING, SLIPWAY_CERT_KEY_MISSING, SLIPWAY_CERT_KEY_MISMATCH. The file may hold intermediates.
 * Stricter than kubeadm's init, which looks at the chain alone.
 */
export function checkCertificate(existing: ExistingCertificate): void {
  const [certificate, ...intermediates] = parseCertificates(existing);
  checkValidity(certificate, existing);
  if (!existing.spec.isCa) checkSigner({ certificate, intermediates }, existing);
  checkPurpose(certificate, existing);
  checkNames(certificate, existing);
  if (existing.keyless !== true) checkKey(certificate, existing);
}

/**
 * Returns when existing service account keys can stay in use; raises SLIPWAY_CERT_KEY_MISSING,
 * SLIPWAY_CERT_UNREADABLE or SLIPWAY_CERT_KEY_MISMATCH otherwise. The public file may hold older keys too.
 */
export function checkServiceAccountKeys(existing: {
  readonly privatePem: string | undefined;
  readonly publicPem: string | undefined;
  readonly keyPath: string;
  readonly pubPath: string;
}): void {
  const { privatePem, publicPem, keyPath, pubPath } = existing;
  const fail = (code: ErrorCode, why: string, fix: string): SlipwayError =>
    new SlipwayError({ code, what: `the service account keys in ${keyPath} cannot be used`, why, fix });
  const derive = `openssl pkey -in ${keyPath} -pubout -out ${pubPath}`;
  if (privatePem === undefined) {
    const fix = `put the private key back at ${keyPath}, or ${moveAway([pubPath])}`;
    throw fail("SLIPWAY_CERT_KEY_MISSING", `${pubPath} is there, but ${keyPath} is not`, fix);
  }
  if (publicPem === undefined) throw fail("SLIPWAY_CERT_KEY_MISSING", `${pubPath} is not there`, derive);
  const wanted = createPublicKey(parsePrivateKey({ keyPem: privatePem, keyPath, otherPath: pubPath }));
  const found = parsePublicKeys(publicPem);
  if (found.length === 0) throw fail("SLIPWAY_CERT_UNREADABLE", `${pubPath} holds no public key`, derive);
  if (found.some((key) => key.equals(wanted))) return;
  throw fail("SLIPWAY_CERT_KEY_MISMATCH", `no key in ${pubPath} belongs to the private key`, derive);
}

function checkValidity(certificate: X509Certificate, existing: ExistingCertificate): void {
  const { nowMs } = existing;
  const untilMs = Date.parse(certificate.validTo);
  if (nowMs > untilMs) throw describeCertificateFault(existing, { kind: "expired", untilMs, nowMs });
  const fromMs = Date.parse(certificate.validFrom);
  if (nowMs < fromMs) throw describeCertificateFault(existing, { kind: "not-yet-valid", fromMs, nowMs });
}

function checkKey(certificate: X509Certificate, existing: ExistingCertificate): void {
  if (existing.keyPem === undefined) throw describeCertificateFault(existing, { kind: "no-key" });
  const { keyPem, keyPath, certPath } = existing;
  const key = parsePrivateKey({ keyPem, keyPath, otherPath: certPath });
  if (!certificate.checkPrivateKey(key)) throw describeCertificateFault(existing, { kind: "other-key" });
}
