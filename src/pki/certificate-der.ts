import {
  bitString,
  childrenOf,
  contentOf,
  type Der,
  decodeDer,
  directoryString,
  emptySet,
  encodeDer,
  explicitTag,
  implicitSet,
  implicitTag,
  nullValue,
  objectId,
  octetString,
  sequence,
  setOf,
  time,
  trueValue,
  unsignedInteger,
} from "./der.ts";
import { encodeAddress } from "./encode-address.ts";
import type { CertificateSpec, Subject } from "./types.ts";

/** How a certificate is signed. */
export type SignatureKind = "rsa-sha256" | "ecdsa-sha256" | "ecdsa-sha384" | "ecdsa-sha512";

/** What is needed of a CA to name it in a certificate. */
export interface Issuer {
  /** The CA's subject, as it stands in its certificate. */
  readonly name: Der;
  /** Its subject key identifier; undefined when it has none. */
  readonly keyId: Uint8Array | undefined;
}

/** All that is signed in a certificate. */
export interface CertificateContent {
  readonly spec: CertificateSpec;
  /** Big-endian. */
  readonly serial: Uint8Array;
  /** Undefined: it signs itself. */
  readonly issuer: Issuer | undefined;
  readonly signature: SignatureKind;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyDer: Uint8Array;
  /** The subject key identifier; only a CA's certificate has it. */
  readonly keyId: Uint8Array;
}

const SIGNATURE_IDS = {
  "rsa-sha256": "1.2.840.113549.1.1.11",
  "ecdsa-sha256": "1.2.840.10045.4.3.2",
  "ecdsa-sha384": "1.2.840.10045.4.3.3",
  "ecdsa-sha512": "1.2.840.10045.4.3.4",
} as const satisfies Record<SignatureKind, string>;

const USAGE_IDS = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

const SUBJECT_KEY_ID = "2.5.29.14";
const SUBJECT_ALT_NAME = "2.5.29.17";

/** The part of a certificate that is signed, DER. Source: RFC 5280 section 4.1; Go crypto/x509 CreateCertificate. */
export function encodeContent(content: CertificateContent): Buffer {
  const { spec, issuer } = content;
  const subject = encodeName(spec.subject);
  return encodeDer(
    sequence(
      explicitTag(0, unsignedInteger(Buffer.from([2]))),
      unsignedInteger(content.serial),
      encodeAlgorithm(content.signature),
      issuer?.name ?? subject,
      sequence(time(content.notBeforeMs), time(content.notAfterMs)),
      subject,
      decodeDer(content.publicKeyDer),
      explicitTag(3, sequence(...encodeExtensions(content))),
    ),
  );
}

/** The part of a certificate request that is signed, DER; it asks for no extensions. Source: RFC 2986 section 4.1. */
export function encodeRequestContent(request: {
  readonly subject: Subject;
  readonly names: readonly Der[];
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyDer: Uint8Array;
}): Buffer {
  const { subject, names, publicKeyDer } = request;
  const version = unsignedInteger(Buffer.from([0]));
  const attributes = names.length === 0 ? emptySet(0) : implicitSet(0, encodeExtensionRequest(names));
  return encodeDer(sequence(version, encodeName(subject), decodeDer(publicKeyDer), attributes));
}

/** The names that a certificate is valid for, as they stand in it. */
export function encodeNames(names: Pick<CertificateSpec, "dnsNames" | "ipAddresses">): readonly Der[] {
  return [
    ...names.dnsNames.map((name) => implicitTag(2, Buffer.from(name))),
    ...names.ipAddresses.map((address) => implicitTag(7, encodeAddress(address))),
  ];
}

/** Source: PKCS #9 extensionRequest, as Go crypto/x509 CreateCertificateRequest writes it. */
function encodeExtensionRequest(names: readonly Der[]): Der {
  const extensions = sequence(extension(SUBJECT_ALT_NAME, { value: sequence(...names) }));
  return sequence(objectId("1.2.840.113549.1.9.14"), setOf(extensions));
}

/** The whole certificate or certificate request, DER: both are signed content. */
export function encodeCertificate(options: {
  readonly content: Uint8Array;
  readonly signature: SignatureKind;
  readonly signatureBytes: Uint8Array;
}): Buffer {
  const { content, signature, signatureBytes } = options;
  return encodeDer(sequence(decodeDer(content), encodeAlgorithm(signature), bitString(signatureBytes)));
}

/** How a certificate names itself, for the certificates that it signs. */
export function readIssuer(certificateDer: Uint8Array): Issuer {
  const fields = childrenOf(childrenOf(decodeDer(certificateDer))[0]);
  const versioned = fields[0]?.constructed === true;
  const name = fields[versioned ? 5 : 4];
  if (name === undefined) throw new Error("a parsed certificate has no subject");
  const extensions = childrenOf(childrenOf(fields.at(-1))[0]);
  const oid = contentOf(objectId(SUBJECT_KEY_ID));
  const extension = extensions.find((part) => contentOf(childrenOf(part)[0]) === oid);
  const wrapped = extension && contentOf(childrenOf(extension).at(-1));
  const keyId = wrapped && contentOf(decodeDer(Buffer.from(wrapped, "latin1")));
  return { name, keyId: keyId === undefined ? undefined : Buffer.from(keyId, "latin1") };
}

/** Source: Go crypto/x509/pkix Name.ToRDNSequence: all organizations in one set, then the common name. */
function encodeName(subject: Subject): Der {
  const attribute = (id: string, text: string): Der => sequence(objectId(id), directoryString(text));
  const organizations = subject.organizations.map((name) => attribute("2.5.4.10", name));
  return sequence(
    ...(organizations.length === 0 ? [] : [setOf(...organizations)]),
    setOf(attribute("2.5.4.3", subject.commonName)),
  );
}

function encodeAlgorithm(signature: SignatureKind): Der {
  const id = objectId(SIGNATURE_IDS[signature]);
  return signature === "rsa-sha256" ? sequence(id, nullValue()) : sequence(id);
}

/** In the order of Go crypto/x509 buildCertExtensions; a CA has no path length. */
function encodeExtensions({ spec, issuer, keyId }: CertificateContent): readonly Der[] {
  const names = encodeNames(spec);
  const authority = issuer?.keyId;
  return [
    extension("2.5.29.15", { value: encodeKeyUsage(spec), critical: true }),
    ...(spec.usages.length === 0
      ? []
      : [
          extension("2.5.29.37", {
            value: sequence(...spec.usages.map((usage) => objectId(USAGE_IDS[usage]))),
          }),
        ]),
    extension("2.5.29.19", { value: spec.isCa ? sequence(trueValue()) : sequence(), critical: true }),
    ...(spec.isCa ? [extension(SUBJECT_KEY_ID, { value: octetString(keyId) })] : []),
    ...(authority === undefined
      ? []
      : [extension("2.5.29.35", { value: sequence(implicitTag(0, authority)) })]),
    ...(names.length === 0 ? [] : [extension(SUBJECT_ALT_NAME, { value: sequence(...names) })]),
  ];
}

/** digitalSignature and keyEncipherment, for ECDSA too; a CA also keyCertSign. Source: kubeadm app/util/pkiutil. */
function encodeKeyUsage(spec: CertificateSpec): Der {
  return spec.isCa ? bitString(Buffer.from([0xa4]), 2) : bitString(Buffer.from([0xa0]), 5);
}

function extension(id: string, content: { readonly value: Der; readonly critical?: boolean }): Der {
  const flag = content.critical === true ? [trueValue()] : [];
  return sequence(objectId(id), ...flag, octetString(encodeDer(content.value)));
}
