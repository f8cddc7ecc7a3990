import asn1 from "node-forge/lib/asn1.js";

/** A DER value that is being built or was read. Byte strings inside are binary (latin1) text. */
export type Der = asn1.Asn1;

const { Class, Type } = asn1;

/** The value as bytes. */
export function encodeDer(value: Der): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), "latin1");
}

/** The value that bytes hold. Throws a plain Error when they hold none: only for what was parsed by others before. */
export function decodeDer(bytes: Uint8Array): Der {
  return asn1.fromDer(Buffer.from(bytes).toString("latin1"));
}

/** The parts of a constructed value; none for a primitive one. */
export function childrenOf(value: Der | undefined): readonly Der[] {
  return value === undefined || typeof value.value === "string" ? [] : value.value;
}

/** The bytes of a primitive value, as binary text. */
export function contentOf(value: Der | undefined): string {
  return typeof value?.value === "string" ? value.value : "";
}

/** SEQUENCE. */
export function sequence(...parts: readonly Der[]): Der {
  return asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, [...parts]);
}

/** A SET OF: its members in the order of their encodings, as DER wants. */
export function setOf(...members: readonly Der[]): Der {
  const sorted = [...members].sort((left, right) => Buffer.compare(encodeDer(left), encodeDer(right)));
  return asn1.create(Class.UNIVERSAL, Type.SET, true, sorted);
}

/** OBJECT IDENTIFIER, from its dotted form. */
export function objectId(dotted: string): Der {
  return asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** A number that is not negative, from its big-endian bytes. */
export function unsignedInteger(bytes: Uint8Array): Der {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = Buffer.from(bytes.subarray(start === -1 ? bytes.length : start));
  const padded = (digits[0] ?? 0x80) >= 0x80 ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
  return asn1.create(Class.UNIVERSAL, Type.INTEGER, false, padded.toString("latin1"));
}

/** BOOLEAN TRUE; FALSE is only ever left out, as the default. */
export function trueValue(): Der {
  return asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, "\xff");
}

/** NULL. */
export function nullValue(): Der {
  return asn1.create(Class.UNIVERSAL, Type.NULL, false, "");
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Der {
  return asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, Buffer.from(bytes).toString("latin1"));
}

/** A BIT STRING whose last `unusedBits` bits do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Der {
  const content = Buffer.concat([Buffer.from([unusedBits]), bytes]).toString("latin1");
  return asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, content);
}

/** PrintableString where the text allows it, else UTF8String. Source: Go encoding/asn1 makePrimitive. */
export function directoryString(text: string): Der {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
  const type = printable ? Type.PRINTABLESTRING : Type.UTF8;
  return asn1.create(Class.UNIVERSAL, type, false, Buffer.from(text, "utf8").toString("latin1"));
}

/** A moment to the second: UTCTime until 2049, GeneralizedTime from 2050 on. Source: RFC 5280 section 4.1.2.5. */
export function time(ms: number): Der {
  const date = new Date(ms);
  return date.getUTCFullYear() < 2050
    ? asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : asn1.create(Class.UNIVERSAL, Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date));
}

/** `[tag] EXPLICIT`, around one value. */
export function explicitTag(tag: number, value: Der): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [value]);
}

/** `[tag] IMPLICIT` of a SET OF with one member. */
export function implicitSet(tag: number, member: Der): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [member]);
}

/** `[tag] IMPLICIT` of a SET OF that has no members. */
export function emptySet(tag: number): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, true, []);
}

/** `[tag] IMPLICIT`, for a primitive value of these bytes. */
export function implicitTag(tag: number, bytes: Uint8Array): Der {
  return asn1.create(Class.CONTEXT_SPECIFIC, tag, false, Buffer.from(bytes).toString("latin1"));
}
