import {
  createHash,
  createPrivateKey,
  generateKeyPair,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { promisify } from "node:util";
import type { EncryptionAlgorithm } from "../config/types.ts";
import { CERTIFICATE_BACKDATE_MS } from "../core/constants.ts";
import type { SignatureKind } from "./certificate-der.ts";
import type { CertificateSpec, KeyPair, ServiceAccountKeys, Subject } from "./types.ts";

/**
 * A new key and a certificate for it, signed by `signer` or, without one, by itself. The signer's files must have
 * been checked. Keys are made in the thread pool, so that several can be made at once; the ASN.1 library is loaded at
 * the first call. `notBefore: "ca"` starts the validity with the CA's, as kubeadm does in kubeconfigs; else it starts
 * five minutes before now. It ends `spec.validityMs` after now.
 * Source: kubeadm app/util/pkiutil NewSignedCert, NewSelfSignedCACert.
 */
export async function issueCertificate(options: {
  readonly spec: CertificateSpec;
  readonly signer?: KeyPair;
  readonly nowMs: number;
  readonly notBefore?: "ca";
}): Promise<KeyPair> {
  const { spec, signer, nowMs } = options;
  const [keys, der] = await Promise.all([generateKeys(spec.algorithm), import("./certificate-der.ts")]);
  const ca = signer === undefined ? undefined : new X509Certificate(signer.certPem);
  const signingKey = signer === undefined ? keys.privateKey : createPrivateKey(signer.keyPem);
  const signature = selectSignature(signingKey);
  const content = der.encodeContent({
    spec,
    serial: randomSerial(),
    issuer: ca && der.readIssuer(ca.raw),
    signature,
    notBeforeMs:
      options.notBefore === "ca" && ca ? Date.parse(ca.validFrom) : nowMs - CERTIFICATE_BACKDATE_MS,
    notAfterMs: nowMs + spec.validityMs,
    publicKeyDer: keys.publicKey.export({ type: "spki", format: "der" }),
    keyId: computeKeyId(keys.publicKey),
  });
  const signatureBytes = sign(DIGESTS[signature], content, signingKey);
  const certificate = new X509Certificate(der.encodeCertificate({ content, signature, signatureBytes }));
  return { certPem: certificate.toString(), keyPem: formatPrivateKey(keys.privateKey) };
}

/**
 * A new key and a request for a certificate of it with these names, both PEM.
 * Source: client-go util/cert MakeCSRFromTemplate; kubeadm app/util/pkiutil NewCSR.
 */
export async function issueCertificateRequest(options: {
  readonly subject: Subject;
  readonly algorithm: EncryptionAlgorithm;
  readonly names?: Pick<CertificateSpec, "dnsNames" | "ipAddresses">;
}): Promise<{ readonly requestPem: string; readonly keyPem: string }> {
  const [keys, der] = await Promise.all([generateKeys(options.algorithm), import("./certificate-der.ts")]);
  const publicKeyDer = keys.publicKey.export({ type: "spki", format: "der" });
  const names = options.names === undefined ? [] : der.encodeNames(options.names);
  const content = der.encodeRequestContent({ subject: options.subject, names, publicKeyDer });
  const signature = selectSignature(keys.privateKey);
  const signatureBytes = sign(DIGESTS[signature], content, keys.privateKey);
  const request = der.encodeCertificate({ content, signature, signatureBytes });
  return { requestPem: formatRequest(request), keyPem: formatPrivateKey(keys.privateKey) };
}

function formatRequest(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`;
}

/**
 * The pair that signs and verifies service account tokens. Source: kubeadm app/phases/certs
 * CreateServiceAccountKeyAndPublicKeyFiles.
 */
export async function issueServiceAccountKeys(options: {
  readonly algorithm: EncryptionAlgorithm;
}): Promise<ServiceAccountKeys> {
  const { privateKey, publicKey } = await generateKeys(options.algorithm);
  const publicPem = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { privatePem: formatPrivateKey(privateKey), publicPem };
}

const makeKeys = promisify(generateKeyPair);

/** Source: kubeadm app/util/pkiutil GeneratePrivateKey. */
const KEY_MAKERS = {
  "RSA-2048": () => makeKeys("rsa", { modulusLength: 2048 }),
  "RSA-3072": () => makeKeys("rsa", { modulusLength: 3072 }),
  "RSA-4096": () => makeKeys("rsa", { modulusLength: 4096 }),
  "ECDSA-P256": () => makeKeys("ec", { namedCurve: "prime256v1" }),
  "ECDSA-P384": () => makeKeys("ec", { namedCurve: "secp384r1" }),
} as const satisfies Record<EncryptionAlgorithm, () => Promise<KeyPairKeyObjectResult>>;

function generateKeys(algorithm: EncryptionAlgorithm): Promise<KeyPairKeyObjectResult> {
  return KEY_MAKERS[algorithm]();
}

const DIGESTS = {
  "rsa-sha256": "sha256",
  "ecdsa-sha256": "sha256",
  "ecdsa-sha384": "sha384",
  "ecdsa-sha512": "sha512",
} as const satisfies Record<SignatureKind, string>;

const CURVE_SIGNATURES: Readonly<Record<string, SignatureKind>> = {
  prime256v1: "ecdsa-sha256",
  secp384r1: "ecdsa-sha384",
  secp521r1: "ecdsa-sha512",
};

/** Follows the key that signs. Source: Go crypto/x509 signingParamsForKey. */
function selectSignature(key: KeyObject): SignatureKind {
  if (key.asymmetricKeyType === "rsa") return "rsa-sha256";
  const signature = CURVE_SIGNATURES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (signature === undefined) throw new Error(`unchecked signing key of type ${key.asymmetricKeyType}`);
  return signature;
}

const MAX_SERIAL = 2n ** 63n - 1n;

/** Uniform in [1, 2^63 - 1). Source: kubeadm app/util/pkiutil NewSignedCert. */
function randomSerial(): Buffer {
  for (;;) {
    const bytes = randomBytes(8);
    const serial = bytes.readBigUInt64BE();
    if (serial > 0n && serial < MAX_SERIAL) return bytes;
  }
}

const POINT_BYTES: Readonly<Record<string, number>> = { prime256v1: 65, secp384r1: 97 };

/**
 * The left 160 bits of SHA-256 over the bits of the public key: PKCS#1 for RSA, the uncompressed point, which ends
 * the SubjectPublicKeyInfo, for ECDSA. Source: RFC 7093 section 2 method 1, as Go 1.26 crypto/x509.
 */
function computeKeyId(key: KeyObject): Buffer {
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const bits =
    curve === undefined
      ? key.export({ type: "pkcs1", format: "der" })
      : key.export({ type: "spki", format: "der" }).subarray(-(POINT_BYTES[curve] ?? 0));
  return createHash("sha256").update(bits).digest().subarray(0, 20);
}

/** PKCS#1 for RSA, SEC 1 for ECDSA. Source: client-go util/keyutil MarshalPrivateKeyToPEM. */
function formatPrivateKey(key: KeyObject): string {
  const type = key.asymmetricKeyType === "rsa" ? "pkcs1" : "sec1";
  return key.export({ type, format: "pem" }).toString();
}
