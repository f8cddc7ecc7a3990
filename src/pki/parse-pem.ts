import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { SlipwayError } from "../core/errors.ts";
import { moveAway } from "./describe-certificate-fault.ts";

/** At least one certificate: the one that is meant, then its intermediates. */
export type CertificateChain = readonly [X509Certificate, ...X509Certificate[]];

const CERTIFICATE_BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const PUBLIC_KEY_BLOCK = /-----BEGIN ((?:RSA )?PUBLIC KEY)-----[\s\S]*?-----END \1-----/g;

/** The certificates of a file. Raises SLIPWAY_CERT_UNREADABLE when there is none or one cannot be parsed. */
export function parseCertificates(source: {
  readonly certPem: string | undefined;
  readonly certPath: string;
  readonly keyPath: string;
}): CertificateChain {
  const { certPem, certPath, keyPath } = source;
  const fail = (why: string, cause?: unknown): SlipwayError =>
    new SlipwayError({
      code: "SLIPWAY_CERT_UNREADABLE",
      what: `the certificate in ${certPath} cannot be used`,
      why,
      fix: moveAway([certPath, keyPath]),
      cause,
    });
  if (certPem === undefined) {
    throw new SlipwayError({
      code: "SLIPWAY_CERT_UNREADABLE",
      what: `the certificate ${certPath} is missing`,
      why: `its private key ${keyPath} is there, without a certificate`,
      fix: `put the certificate back at ${certPath}, or ${moveAway([keyPath])}`,
    });
  }
  try {
    const [first, ...rest] = [...certPem.matchAll(CERTIFICATE_BLOCK)].map(
      ([block]) => new X509Certificate(block),
    );
    if (first !== undefined) return [first, ...rest];
  } catch (error) {
    throw fail("it is damaged: the PEM text holds no certificate that can be parsed", error);
  }
  throw fail("the text holds no PEM certificate");
}

/** The first certificate of a text; undefined when there is none that can be parsed. */
export function parseFirstCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem.match(CERTIFICATE_BLOCK)?.[0] ?? "");
  } catch {
    return undefined;
  }
}

/**
 * An RSA or ECDSA private key. Raises SLIPWAY_CERT_UNREADABLE for anything else, also for an encrypted one; `otherPath`
 * is what has to go with it: its certificate or public key.
 */
export function parsePrivateKey(source: {
  readonly keyPem: string;
  readonly keyPath: string;
  readonly otherPath: string;
}): KeyObject {
  const { keyPem, keyPath, otherPath } = source;
  const fail = (why: string): SlipwayError =>
    new SlipwayError({
      code: "SLIPWAY_CERT_UNREADABLE",
      what: `the private key in ${keyPath} cannot be used`,
      why,
      fix: `put the right key (PEM, RSA or ECDSA, no passphrase) at ${keyPath}, or ${moveAway([keyPath, otherPath])}`,
    });
  if (/ENCRYPTED/.test(keyPem)) throw fail("it is protected by a passphrase");
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch {
    throw fail("it is damaged or not a PEM private key");
  }
  if (key.asymmetricKeyType !== "rsa" && key.asymmetricKeyType !== "ec") {
    throw fail(`it is an ${key.asymmetricKeyType} key`);
  }
  const curve = key.asymmetricKeyDetails?.namedCurve ?? "not named";
  if (key.asymmetricKeyType === "ec" && !CURVES.includes(curve)) {
    throw fail(`its curve is ${curve}, and not P-256, P-384 or P-521`);
  }
  return key;
}

/** Source: Go crypto/tls, which knows no other curves in certificates. */
const CURVES = ["prime256v1", "secp384r1", "secp521r1"];

/** The public keys of a file; those that cannot be parsed are left out. */
export function parsePublicKeys(text: string): readonly KeyObject[] {
  return [...text.matchAll(PUBLIC_KEY_BLOCK)].flatMap(([block]) => {
    try {
      return [createPublicKey(block)];
    } catch {
      return [];
    }
  });
}
